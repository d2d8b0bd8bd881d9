// Colours for code: enough of TypeScript, JSON and shell to tell comments, strings, keywords and numbers apart.

const keywords =
  'as|async|await|break|case|catch|class|const|continue|declare|default|delete|do|else|export|extends|false|finally|for|from|function|' +
  'if|import|in|instanceof|interface|let|new|null|of|readonly|return|satisfies|switch|this|throw|true|try|type|typeof|undefined|var|void|while|yield';

const script = new RegExp(
  [
    '(?<comment>//[^\\n]*|/\\*[^]*?\\*/)',
    '(?<string>\'(?:[^\'\\\\\\n]|\\\\.)*\'|"(?:[^"\\\\\\n]|\\\\.)*"|`(?:[^`\\\\]|\\\\.)*`)',
    `(?<keyword>(?<![\\w$.])(?:${keywords})(?![\\w$]|\\s*:(?!:)))`,
    '(?<number>(?<![\\w$.])\\d[\\d_.]*(?:e[+-]?\\d+)?)',
  ].join('|'),
  'g',
);
const shell = /(?<comment>(?<=^|\s)#[^\n]*)|(?<string>'[^']*'|"(?:[^"\\]|\\.)*")|(?<keyword>(?<=^|&&\s|\|\s)(?:[\w./-]+))/gm;

const grammars: Readonly<Record<string, RegExp>> = { ts: script, js: script, json: script, sh: shell, bash: shell };

export const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** Code as HTML; plain where the language is none of those. */
export function highlight(code: string, language: string): string {
  const grammar = grammars[language];
  if (grammar === undefined) return escapeHtml(code);
  let html = '';
  let at = 0;
  for (const match of code.matchAll(grammar)) {
    const [kind] = Object.entries(match.groups ?? {}).find(([, text]) => text !== undefined) ?? [];
    html += `${escapeHtml(code.slice(at, match.index))}<span class="${kind}">${escapeHtml(match[0])}</span>`;
    at = match.index + match[0].length;
  }
  return html + escapeHtml(code.slice(at));
}
