export function placeStandIn(
  nodeModules?: string,
): 'addon present' | 'stand-in present' | 'stand-in placed' | 'Cube not installed'
