// Judges of pages. They report the text in question, not the page.

import { expect } from 'vitest';

/** Each text occurs in the page, as it is. */
export function expectTexts(page: string, ...texts: readonly string[]): void {
  expect(texts.filter((text) => !page.includes(text))).toEqual([]);
}

/** Nothing in the page matches the pattern, which must be global. */
export function expectNone(page: string, pattern: RegExp): void {
  expect(page.match(pattern) ?? []).toEqual([]);
}

const VOID = new Set(['meta', 'br', 'hr', 'img', 'link', 'input']);

/** The first fault in the nesting of tags, or null when there is none. */
export function nestingFault(html: string): string | null {
  const open: string[] = [];
  const body = html.replace(/^<!DOCTYPE html>\n/, '').replace(/<style>.*?<\/style>/s, '<style></style>');
  for (const [tag, closing, name = '', selfClosing] of body.matchAll(/<(\/?)([A-Za-z][\w-]*)(?:\s+[\w:-]+="[^"<>]*")*\s*(\/?)>/g)) {
    if (closing === '/') {
      const last = open.pop();
      if (last !== name) return `${tag} closes <${last}>`;
    } else if (selfClosing !== '/' && !VOID.has(name)) {
      open.push(name);
    }
  }
  if (open.length > 0) return `<${open.join('> <')}> left open`;
  // Whatever remains after the tags is text: no stray < or >.
  const text = body.replaceAll(/<(\/?)([A-Za-z][\w-]*)(?:\s+[\w:-]+="[^"<>]*")*\s*(\/?)>/g, '');
  const stray = /[<>]/.exec(text);
  return stray === null ? null : `stray ${stray[0]} in "${text.slice(stray.index - 20, stray.index + 20)}"`;
}
