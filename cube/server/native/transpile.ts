import { createRequire } from 'node:module'
import { fromCube } from '../cube-packages.ts'

/** One file of the model on its way to JavaScript. */
export interface TranspileRequest {
  fileName: string
  fileContent: string
  /** Names of Cube's rewriting steps, in the order they apply. */
  transpilers: string[]
  /** What the model's names mean by now; left out when the same as in the request before. */
  metaData?: { cubeNames: string[]; cubeSymbols: Record<string, Record<string, boolean>> }
}

export interface TranspileResponse {
  code: string
  errors: unknown[]
  warnings: unknown[]
}

/** Rewrites model files that are JavaScript already, so that their references become functions. */
export async function transpileJs(requests: TranspileRequest[]): Promise<TranspileResponse[]> {
  const cube = transpiler()
  return requests.map((request) => {
    if (request.metaData) cube.learn(request.metaData)
    return cube.report(request, (reporter) => cube.rewrite(request, reporter))
  })
}

/** Turns YAML model files into JavaScript. */
export async function transpileYaml(requests: TranspileRequest[]): Promise<TranspileResponse[]> {
  const cube = transpiler()
  return requests.map((request) =>
    cube.report(
      request,
      (reporter) => cube.yaml.transpileYamlFile(asFile(request), reporter)?.content,
    ),
  )
}

/**
 * A string of the model with nothing but text and the likes of `{CUBE}` in it, as nearly all are.
 * Cube parses each as a Python expression, which was half of the time that a compilation took.
 */
const PLAIN = /^f"((?:[^{}"\\`$]|\{[A-Za-z_]\w*\})+)"$/
const REFERENCE = /\{([A-Za-z_]\w*)\}/

let loaded: ReturnType<typeof loadTranspiler> | undefined

function transpiler() {
  return (loaded ??= loadTranspiler())
}

/** Cube's own steps, as its transpiling worker thread puts them together. */
function loadTranspiler() {
  const folder = '@cubejs-backend/schema-compiler/dist/src/compiler'
  const fromCompiler = createRequire(fromCube.resolve(`${folder}/index.js`))
  const { parse } = fromCompiler('@babel/parser')
  const { default: generate } = fromCompiler('@babel/generator')
  const { default: traverse } = fromCompiler('@babel/traverse')
  const types = fromCompiler('@babel/types')
  const { NativeInstance } = fromCube('@cubejs-backend/native')
  const { YamlCompiler } = fromCompiler('./YamlCompiler')
  const { ErrorReporter } = fromCompiler('./ErrorReporter')
  const { LightweightSymbolResolver } = fromCompiler('./transpilers/LightweightSymbolResolver')
  const { LightweightNodeCubeDictionary } = fromCompiler(
    './transpilers/LightweightNodeCubeDictionary',
  )
  const symbols = new LightweightSymbolResolver()
  const dictionary = new LightweightNodeCubeDictionary()
  const steps = fromCompiler('./transpilers')
  const stepOf = (name: string) => {
    const Step = steps[name]
    if (!Step) throw new Error(`Transpiler ${name} not supported`)
    return new Step(symbols, dictionary, symbols)
  }

  const yaml = new YamlCompiler(symbols, dictionary, new NativeInstance(), symbols)
  const parseExpression = yaml.parsePythonAndTranspileToJs.bind(yaml)
  yaml.parsePythonAndTranspileToJs = (code: string, reporter: unknown) => {
    const text = PLAIN.exec(code)?.[1]
    if (text === undefined) return parseExpression(code, reporter)
    const parts = text.split(REFERENCE)
    const texts = parts.filter((_, i) => i % 2 === 0)
    const names = parts.filter((_, i) => i % 2 === 1)
    return types.templateLiteral(
      texts.map((raw, i) => types.templateElement({ raw, cooked: raw }, i === texts.length - 1)),
      names.map((name) => types.identifier(name)),
    )
  }

  return {
    yaml,

    learn({ cubeNames, cubeSymbols }: NonNullable<TranspileRequest['metaData']>) {
      dictionary.setCubeNames(cubeNames)
      symbols.setSymbols(cubeSymbols)
    },

    rewrite({ fileName, fileContent, transpilers }: TranspileRequest, reporter: unknown): string {
      const tree = parse(fileContent, {
        sourceFilename: fileName,
        sourceType: 'module',
        plugins: ['objectRestSpread'],
      })
      for (const name of transpilers) traverse(tree, stepOf(name).traverseObject(reporter))
      return generate(tree, {}, fileContent).code
    },

    report(request: TranspileRequest, run: (reporter: unknown) => string | undefined) {
      const reporter = new ErrorReporter(null, [], { logger() {} })
      reporter.inFile(asFile(request))
      let code = ''
      try {
        code = run(reporter) ?? ''
      } catch (error) {
        reporter.error(error)
      }
      return { code, errors: reporter.getErrors(), warnings: reporter.getWarnings() }
    },
  }
}

function asFile({ fileName, fileContent }: TranspileRequest) {
  return { fileName, content: fileContent }
}
