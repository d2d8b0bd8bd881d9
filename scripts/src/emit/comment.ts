// Doc comments of generated code: our words, ready for an editor's hover.

/** A doc comment of these paragraphs; empty where there is nothing to say. */
export function docComment(paragraphs: readonly (string | false | undefined)[], indent = ''): string {
  const text = paragraphs
    .filter((it): it is string => typeof it === 'string' && it.trim() !== '')
    .map((it) => it.trim())
    .join('\n\n')
    .replaceAll('*/', '*\\/');
  if (text === '') return '';
  const lines = text.split('\n');
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} *${line.trim() === '' ? '' : ` ${line}`}\n`).join('')}${indent} */\n`;
}

/** Which of these names generated code uses; its comments do not count. */
export function usedNames(code: string, names: Iterable<string>): string[] {
  // Neither comments nor texts count, nor the names of properties and methods.
  const plain = code.replace(/\/\*\*[\s\S]*?\*\/|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, '');
  const words = new Set(plain.match(/[A-Za-z_$][\w$]*(?![\w$]|\??[:(])/g));
  return [...names].filter((name) => words.has(name));
}
