// The script of HTML pages: tooltips, a way through the marks by keyboard, showing and hiding of series, zoom. It adds to what is
// there and loads nothing; without it each chart is the same picture, with its table below.
//
// Why not the charting library itself: it would add 0.8 MB to each page, and draw from data that the page would have to hold a second
// time. The marks of our pictures say what they stand for (data-tip), and that is all that is needed here.

export const SCRIPT = `
'use strict';
(() => {
  const make = (tag, text, attributes) => {
    const element = document.createElement(tag);
    element.textContent = text;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  const tip = make('div', '', { id: 'tip', role: 'status', 'aria-live': 'polite' });
  tip.hidden = true;
  document.body.append(tip);

  const show = (mark, x, y) => {
    tip.textContent = mark.dataset.tip;
    tip.hidden = false;
    const room = document.documentElement.clientWidth - tip.offsetWidth - 8;
    tip.style.left = Math.max(8, Math.min(x + 12, room)) + 'px';
    tip.style.top = y + 16 + 'px';
  };
  const hide = () => { tip.hidden = true; };

  const enrich = (figure) => {
    const drawing = figure.querySelector('.drawing');
    const svg = drawing.querySelector('svg');
    const told = [...svg.querySelectorAll('[data-tip]')].filter((mark) => mark.dataset.tip !== '');
    // A number beside a mark goes with it, and is no further stop for the keyboard.
    const marks = told.filter((mark) => mark.tagName !== 'text');
    const seriesOf = (mark) => mark.dataset.tip.split(': ')[0];
    let at = -1;

    drawing.addEventListener('pointermove', (event) => {
      const mark = event.target.closest('[data-tip]');
      if (mark === null || mark.dataset.tip === '') hide();
      else show(mark, event.clientX, event.clientY);
    });
    drawing.addEventListener('pointerleave', hide);

    const leave = () => {
      if (at >= 0) marks[at].classList.remove('current');
      at = -1;
      hide();
    };
    drawing.addEventListener('blur', leave);
    drawing.addEventListener('keydown', (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      const shown = marks.filter((mark) => !mark.classList.contains('off'));
      if (event.key === 'Escape') leave();
      if (step === undefined || shown.length === 0) return;
      event.preventDefault();
      const next = shown[(shown.indexOf(marks[at]) + step + shown.length) % shown.length];
      leave();
      at = marks.indexOf(next);
      next.classList.add('current');
      next.scrollIntoView({ block: 'nearest', inline: 'nearest' });
      const box = next.getBoundingClientRect();
      show(next, box.left + box.width / 2, box.bottom);
    });

    const tools = make('div', '', { class: 'tools', role: 'group', 'aria-label': 'Chart' });
    let zoom = 1;
    for (const [text, factor] of [['Zoom in', 1.5], ['Zoom out', 1 / 1.5]]) {
      const button = make('button', text, { type: 'button' });
      button.addEventListener('click', () => {
        zoom = Math.min(Math.max(zoom * factor, 1), 12);
        svg.style.width = zoom * 100 + '%';
      });
      tools.append(button);
    }
    for (const name of (figure.dataset.series || '').split('|').filter((one) => one !== '')) {
      const own = told.filter((mark) => seriesOf(mark) === name);
      if (own.length === 0) continue;
      const button = make('button', name, { type: 'button', 'aria-pressed': 'true' });
      button.addEventListener('click', () => {
        const isShown = button.getAttribute('aria-pressed') === 'true';
        button.setAttribute('aria-pressed', String(!isShown));
        for (const mark of own) mark.classList.toggle('off', isShown);
      });
      tools.append(button);
    }
    drawing.before(tools);
  };
  for (const figure of document.querySelectorAll('figure')) enrich(figure);
})();
`;
