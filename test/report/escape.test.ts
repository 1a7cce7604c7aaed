import { describe, expect, it } from 'vitest';
import { escapeHtml, html, NOTHING, trusted } from '../../src/report/escape.js';

describe('html', () => {
  it('escapes every value that is not HTML', () => {
    const name = `<b>"'&`;
    expect(html`<p title="${name}">${name}${3}</p>`.markup).toBe('<p title="&lt;b&gt;&quot;&#39;&amp;">&lt;b&gt;&quot;&#39;&amp;3</p>');
  });

  it('takes HTML as it is, alone and in lists', () => {
    expect(html`${trusted('<i>')}${[html`<b>${'<'}</b>`, NOTHING]}`.markup).toBe('<i><b>&lt;</b>');
  });
});

describe('escapeHtml', () => {
  it('makes control and bidirectional characters visible', () => {
    expect(escapeHtml('a\u0000\u202e')).toBe('a\\x00\\u{202e}');
  });
});
