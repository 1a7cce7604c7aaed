// The style sheet of HTML pages. System fonts, light and dark by the reader's setting, charts too,
// and a print form on which nothing stays folded.

import { COLOUR, DARK } from '../../charts/theme.js';

/** Charts are drawn in light colours; on a dark screen each gets its counterpart. */
const DARK_CHARTS = Object.entries(COLOUR)
  .flatMap(([name, hex]) => ['fill', 'stroke'].map((what) => `  .drawing [${what}="${hex}" i] { ${what}: ${DARK[name as keyof typeof COLOUR]}; }`))
  .join('\n');

export const STYLE = `
:root {
  --paper: #ffffff; --ink: #1c1c1c; --soft: #55585c; --line: #d5d8dc; --box: #f5f6f8;
  --good: #00664b; --bad: #a33b00; --card: #ffffff; --card-ink: #222222; --card-soft: #55585c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #17191c; --ink: #e8e8e6; --soft: #a9adb3; --line: #3a3e44; --box: #212429;
    --good: #4fd1a5; --bad: #ff9a66; --card: ${DARK.paper}; --card-ink: ${DARK.ink}; --card-soft: ${DARK.grey};
  }
}
@media screen and (prefers-color-scheme: dark) {
${DARK_CHARTS}
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, "DejaVu Sans", sans-serif; }
main { max-width: 880px; margin: 0 auto; padding: 32px 20px 64px; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 40px 0 8px; }
h3 { font-size: 1rem; margin: 20px 0 4px; }
p { margin: 8px 0; }
ul { margin: 8px 0; padding-left: 20px; }
li, dd, p { overflow-wrap: anywhere; }
.soft { color: var(--soft); }
.finding { margin: 20px 0; padding: 16px 20px; background: var(--box); border-left: 5px solid #0072B2; }
.finding p { margin: 0; }
.finding .main { font-size: 1.25rem; line-height: 1.4; font-weight: 600; }
.finding .more { margin-top: 8px; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(235px, 1fr)); gap: 12px; margin: 12px 0 20px; }
.cards section { padding: 12px 16px; background: var(--box); border: 1px solid var(--line); }
.cards h2 { margin: 0 0 4px; font-size: 0.875rem; font-weight: 600; color: var(--soft); }
.cards .big { margin: 0; font-size: 1.6rem; line-height: 1.2; font-weight: 600; font-variant-numeric: tabular-nums; }
.cards p { margin: 4px 0 0; font-size: 0.9rem; }
.tools { display: flex; flex-wrap: wrap; gap: 6px; margin: 6px 0; }
.tools button { font: inherit; font-size: 0.8rem; padding: 3px 10px; min-height: 26px; color: var(--ink); background: var(--box); border: 1px solid var(--line); border-radius: 3px; cursor: pointer; }
.tools button[aria-pressed="false"] { text-decoration: line-through; color: var(--soft); }
.drawing .off { visibility: hidden; }
.drawing .current { stroke: var(--ink); stroke-width: 3; stroke-opacity: 1; }
#tip { position: fixed; z-index: 1; max-width: 340px; padding: 4px 9px; font-size: 0.85rem; color: var(--paper); background: var(--ink); border-radius: 3px; pointer-events: none; overflow-wrap: anywhere; }
#tip[hidden] { display: none; }
.warning { color: var(--bad); font-weight: 600; }
.good { color: var(--good); font-weight: 600; }
.box h2 { margin-top: 0; }
.box { padding: 14px 20px 12px; background: var(--box); border: 1px solid var(--line); }
dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: 4px 16px; margin: 12px 0; }
dl.facts dt { color: var(--soft); }
dl.facts dd { margin: 0; }
.scroll { overflow-x: auto; margin: 12px 0; }
table { border-collapse: collapse; font-size: 0.875rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); padding-bottom: 4px; }
th, td { padding: 4px 14px 4px 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th { font-weight: 600; }
th.group { text-align: center; border-bottom: 0; padding-bottom: 0; }
td code { font-size: 0.75rem; white-space: nowrap; }
thead th { vertical-align: bottom; }
th.number, td.number { text-align: right; white-space: nowrap; }
tfoot td, tfoot th { font-weight: 600; }
code, pre { font: 0.85rem/1.5 ui-monospace, "DejaVu Sans Mono", monospace; }
code { overflow-wrap: anywhere; }
pre { margin: 12px 0; padding: 10px 14px; white-space: pre-wrap; overflow-wrap: anywhere; background: var(--box); border: 1px solid var(--line); }
figure {
  --ink: var(--card-ink); --soft: var(--card-soft);
  margin: 12px 0 28px; padding: 14px 18px; background: var(--card); color: var(--card-ink); border: 1px solid var(--line);
}
figcaption h1, figcaption h2, figcaption h3 { margin: 0; font-size: 1.1rem; }
figcaption p { margin: 2px 0 8px; font-size: 0.875rem; color: var(--card-soft); }
.drawing { overflow-x: auto; }
.drawing svg { display: block; width: 100%; min-width: 560px; height: auto; }
summary { cursor: pointer; font-size: 0.875rem; padding: 6px 0; }
.meanings { font-size: 0.8rem; color: var(--soft); }
:focus-visible { outline: 2px solid #0072B2; outline-offset: 2px; }
@media (max-width: 600px) {
  main { padding: 20px 14px 40px; }
  .finding .main { font-size: 1.1rem; }
  dl.facts { grid-template-columns: 1fr; gap: 0; }
  dl.facts dd { margin-bottom: 6px; }
  figure { padding: 10px; }
}
@media print {
  @page { margin: 15mm; }
  :root {
    --paper: #ffffff; --ink: #000000; --soft: #444444; --line: #bbbbbb; --box: #ffffff;
    --good: #000000; --bad: #000000;
  }
  html { font-size: 13px; }
  main { max-width: none; padding: 0; }
  h1, h2, h3, figcaption { break-after: avoid; }
  tr, figcaption, .drawing, .finding, .cards section, .scroll { break-inside: avoid; }
  .drawing { break-before: avoid; }
  td code { white-space: normal; overflow-wrap: anywhere; }
  .scroll, .drawing { overflow: visible; }
  .tools, #tip { display: none; }
  .cards { grid-template-columns: repeat(3, 1fr); }
  .drawing svg { min-width: 0; width: 100% !important; }
  .drawing .off { visibility: visible; }
  figure { padding: 8px; }
  summary { list-style: none; break-after: avoid; }
  summary::-webkit-details-marker { display: none; }
  details::details-content { content-visibility: visible; display: block; block-size: auto; }
}
`;
