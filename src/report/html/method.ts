// How it was computed: enough to get the same numbers again.

import { formatCount } from '../../base/units.js';
import { html, NOTHING, type Html } from '../escape.js';
import type { ReviewInput } from '../input.js';
import { htmlTable } from './table.js';

/** The section on inputs, parameters and commands. */
export function methodHtml(input: ReviewInput): Html {
  const { method } = input;
  const inputs = method.inputs.map((file) => [file.name, file.bytes, html`<code>${file.sha256}</code>`]);
  const parameters = method.parameters.map(({ name, value, source }) => [name, value, source]);
  return html`<section aria-labelledby="method">
<h2 id="method">How it was computed</h2>
<dl class="facts">
<dt>Bellwether</dt><dd>${method.toolVersion}</dd>
<dt>Seed</dt><dd>${String(method.seed)}, ${formatCount(method.repeat)} ${method.repeat === 1 ? 'replay' : 'replays'}</dd>
</dl>
${htmlTable('Inputs', [{ title: 'file' }, { title: 'bytes', isNumber: true }, { title: 'sha256' }], inputs)}${
    parameters.length === 0
      ? NOTHING
      : htmlTable('Parameters', [{ title: 'parameter' }, { title: 'value' }, { title: 'from' }], parameters)
  }<h3>The commands to repeat it</h3>
${method.commands.map((command) => html`<pre>${command}</pre>\n`)}</section>
`;
}
