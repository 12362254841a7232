/** An element with attributes, and either elements or text inside. */
export interface Element {
  name: string
  attributes: Record<string, string>
  inside: Element[] | string
}

export function element(
  name: string,
  attributes: Record<string, string> = {},
  inside: Element[] | string = [],
): Element {
  return { name, attributes, inside }
}

/** The document, an element per line. */
export function printXml(root: Element): string {
  return `<?xml version='1.0' encoding='utf-8' ?>\n${print(root, '')}`
}

function print({ name, attributes, inside }: Element, indent: string): string {
  const words = Object.entries(attributes).map(([key, value]) => ` ${key}='${escape(value)}'`)
  const opening = `${indent}<${name}${words.join('')}`
  if (inside.length === 0) return `${opening} />\n`
  if (typeof inside === 'string') return `${opening}>${escape(inside)}</${name}>\n`
  const children = inside.map((child) => print(child, `${indent}  `))
  return `${opening}>\n${children.join('')}${indent}</${name}>\n`
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  "'": '&apos;',
  '"': '&quot;',
  '\n': '&#10;',
}

function escape(text: string): string {
  return text.replaceAll(/[&<>'"\n]/g, (character) => entities[character] ?? '')
}
