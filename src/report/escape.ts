// The only place where text becomes HTML. Pages are built with the `html` tag, which escapes every value that is
// not itself HTML; so a name from a capture can't become markup by being forgotten.

import { printable } from '../base/text.js';

/** A piece of HTML. Made by `html`, `join` and `trusted` only. */
export interface Html {
  readonly markup: string;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as HTML, for element content and quoted attributes. Control and bidirectional characters become visible. */
export function escapeHtml(text: string): string {
  return printable(text).replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/** Markup of our own making: a constant, or an SVG that passed checkedSvg. Never text that came from outside. */
export function trusted(markup: string): Html {
  return { markup };
}

/** A template whose values are escaped, unless they are HTML; lists of HTML are put one after the other. */
export function html(parts: TemplateStringsArray, ...values: readonly (string | number | Html | readonly Html[])[]): Html {
  const markup = parts.reduce((text, part, i) => text + markupOf(values[i - 1]!) + part);
  return { markup };
}

function markupOf(value: string | number | Html | readonly Html[]): string {
  if (typeof value === 'string') return escapeHtml(value);
  if (typeof value === 'number') return String(value);
  return 'markup' in value ? value.markup : value.map((piece) => piece.markup).join('');
}

/** No HTML: for parts of a page that may be absent. */
export const NOTHING: Html = { markup: '' };
