export function status(..._: unknown[]): any {}
