// Looks over an SVG before it becomes part of a page. Our charts are made of a handful of elements and attributes;
// anything else means that something slipped in, and the page isn't written.

import { trusted, type Html } from './escape.js';

const ELEMENTS = new Set(['svg', 'title', 'desc', 'g', 'path', 'rect', 'line', 'text', 'tspan', 'defs', 'clipPath']);

/** Names that can run code, load something or bring in styles; the page's Content-Security-Policy forbids them as well. */
const REFUSED_ATTRIBUTE = /^(?:on.*|style|href|.*:href|src)$/i;

const TAG = /^<\/?(?<name>[A-Za-z][\w-]*)(?<attributes>(?:\s+[\w:-]+="[^"<>]*")*)\s*\/?>/;

/** The SVG as HTML. Throws when it holds anything but plain drawing elements. */
export function checkedSvg(svg: string): Html {
  let at = svg.indexOf('<');
  while (at >= 0) {
    const tag = TAG.exec(svg.slice(at, svg.indexOf('>', at) + 1))?.groups;
    if (tag === undefined) throw refused(`markup "${svg.slice(at, at + 40)}"`);
    if (!ELEMENTS.has(tag['name']!)) throw refused(`element <${tag['name']}>`);
    for (const [, name, value] of tag['attributes']!.matchAll(/([\w:-]+)="([^"]*)"/g)) {
      if (REFUSED_ATTRIBUTE.test(name!)) throw refused(`attribute ${name}`);
      if (/url\((?!#)/i.test(value!)) throw refused(`reference ${value}`);
    }
    at = svg.indexOf('<', at + 1);
  }
  return trusted(svg.trimEnd());
}

function refused(what: string): Error {
  return new Error(`internal error: ${what} in the SVG of a chart`);
}
