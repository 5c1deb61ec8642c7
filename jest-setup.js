// Jest setup provided by Grafana scaffolding
import './.config/jest-setup';
import { configure } from '@testing-library/react';

// Whether an element is hidden costs jsdom seconds per query by role; our tests do not ask.
configure({ defaultHidden: true });

// Combobox measures its options, and jsdom has no canvas.
HTMLCanvasElement.prototype.getContext = () => ({ measureText: (text) => ({ width: 8 * text.length }) });

// i18next advertises in the console once; this says that it did.
globalThis.__i18next_supportNoticeShown = true;

// Menus watch what is in view, which nothing is in jsdom.
globalThis.IntersectionObserver = class {
  observe() {}
  unobserve() {}
  disconnect() {}
};
