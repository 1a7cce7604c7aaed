// The frame of every HTML page: one file that opens from a disk, runs no script, and loads nothing.

import { createHash } from 'node:crypto';
import { html, trusted, type Html } from './escape.js';
import { STYLE } from './html/style.js';

/**
 * A whole document. The policy allows the one style block, by its hash, and nothing else: whatever else might get
 * into the page stays inert.
 */
export function htmlPage(title: string, generator: string, body: Html): string {
  const styleHash = createHash('sha256').update(STYLE).digest('base64');
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${styleHash}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const page = html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="${generator}">
<title>${title}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;
  return page.markup;
}
