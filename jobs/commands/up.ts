export function up(..._: unknown[]): any {}
