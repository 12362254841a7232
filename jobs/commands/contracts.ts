export function contracts(..._: unknown[]): any {}
