export function ingest(..._: unknown[]): any {}
