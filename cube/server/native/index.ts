/**
 * The stand-in for Cube's native addon, used where the addon could not be installed.
 *
 * `@cubejs-backend/native` keeps its own JavaScript and loads this module in place of its binary
 * (see ../place-stand-in.js). Only what REST and GraphQL need under the legacy planner is here:
 * transpiling the model and turning database rows into the response. Everything else says that it
 * needs the addon.
 * docs/decisions/cube.md tells why it exists and when it goes.
 */
import { answer, type AnswerOutline, type MultiAnswerOutline, multiAnswer } from './answer.ts'
import type { Rows, RowsRequest } from './columns.ts'

export { transpileJs, transpileYaml } from './transpile.ts'

export function isFallbackBuild() {
  return true
}

export function setupLogger() {}

export function resetLogger() {}

/** The statement with its string literals hidden, as Cube writes it to its log. */
export function redactSqlLiterals(sql: string) {
  return sql.replace(/'(?:[^']|'')*'/g, "'redacted'")
}

/** Cube asks for an engine at every compilation, and uses it only for files with Jinja in them. */
export function newJinjaEngine() {
  return {
    loadTemplate() {},
    async renderTemplate(fileName: string) {
      throw new Error(`${fileName} uses Jinja, which needs Cube's native addon. Write plain YAML.`)
    },
  }
}

/** The body of the response to one query. */
export async function getFinalQueryResult(
  request: RowsRequest,
  rows: EncodedRows,
  outline: AnswerOutline,
) {
  return encode(answer(request, decode(rows), outline))
}

/** The body of the response to several queries: two date ranges compared, or two queries blended. */
export async function getFinalQueryResultMulti(
  requests: RowsRequest[],
  rows: EncodedRows[],
  outline: MultiAnswerOutline,
) {
  return encode(multiAnswer(requests, rows.map(decode), outline))
}

export const registerInterface = onlyNative('The SQL API')
export const execSql = onlyNative('The SQL API')
export const sql4sql = onlyNative('SQL to SQL conversion')
export const rest4sql = onlyNative('SQL to REST conversion')
export const buildSqlAndParams = onlyNative('The Tesseract planner')
export const parseCubestoreResultMessage = onlyNative('Cube Store')
export const getCubestoreResult = onlyNative('Cube Store')
export const pythonLoadConfig = onlyNative('A Python configuration')
export const pythonLoadModel = onlyNative('A Python model')

export async function shutdownInterface() {}

type EncodedRows = Uint8Array | ArrayBuffer

function decode(rows: EncodedRows): Rows {
  return JSON.parse(new TextDecoder().decode(rows))
}

function encode(body: unknown) {
  return new TextEncoder().encode(JSON.stringify(body)).buffer
}

function onlyNative(what: string) {
  return () => {
    throw new Error(
      `${what} needs Cube's native addon, and Recoup runs on its stand-in here. ` +
        'Run `npm rebuild @cubejs-backend/native` where github.com can be reached.',
    )
  }
}
