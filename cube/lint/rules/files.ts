import { basename } from 'node:path'
import { finding, membersOf, type Finding, type Model, type Rule } from '../model.ts'

/** Where things are and what they are called. */
export const fileRules: Rule[] = [onePerFile, namedLikeItsFile, noJinja, noAmbiguousWord]

function onePerFile({ files, cubes, views }: Model): Finding[] {
  const entities = [...cubes, ...views]
  return files
    .map(({ fileName }) => ({
      file: fileName,
      count: entities.filter(({ file }) => file === fileName).length,
    }))
    .filter(({ count }) => count !== 1)
    .map(({ file, count }) => ({
      file,
      where: 'this file',
      problem: `defines ${count} cubes and views. Give each a file of its own.`,
    }))
}

function namedLikeItsFile({ cubes, views }: Model): Finding[] {
  return [...cubes, ...views]
    .filter(({ file, name }) => basename(file) !== `${name}.yml`)
    .map((entity) => finding(entity, `is not in a file called ${entity.name}.yml.`))
}

function noJinja({ files }: Model): Finding[] {
  return files
    .filter(({ content }) => /\{\{|\}\}|\{%|%\}/.test(content))
    .map(({ fileName }) => ({
      file: fileName,
      where: 'this file',
      problem: 'uses Jinja, which only the native addon renders. Write plain YAML.',
    }))
}

/** It means money in (a fee charged on to a seller) to some and money out (cards) to others. */
function noAmbiguousWord({ cubes, views }: Model): Finding[] {
  return [...cubes, ...views].flatMap((entity) =>
    [undefined, ...membersOf(entity).map(({ name }) => name)]
      .filter((member) => /chargeback/i.test(member ?? entity.name))
      .map((member) =>
        finding(
          entity,
          'is called "chargeback". Say "charge" for fees, "dispute" for cards.',
          member,
        ),
      ),
  )
}
