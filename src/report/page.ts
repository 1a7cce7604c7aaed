// The frame of every HTML page: one file that opens from a disk and loads nothing.

import { createHash } from 'node:crypto';
import { html, trusted, type Html } from './escape.js';
import { SCRIPT } from './html/script.js';
import { STYLE } from './html/style.js';

/**
 * A whole document. The policy allows the one style block and the one script, by their hashes, and nothing else: whatever
 * else might get into the page stays inert.
 */
export function htmlPage(title: string, generator: string, body: Html): string {
  const policy = [
    "default-src 'none'",
    `style-src '${hashOf(STYLE)}'`,
    `script-src '${hashOf(SCRIPT)}'`,
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
<script>${trusted(SCRIPT)}</script>
</body>
</html>
`;
  return page.markup;
}

function hashOf(block: string): string {
  return `sha256-${createHash('sha256').update(block).digest('base64')}`;
}
