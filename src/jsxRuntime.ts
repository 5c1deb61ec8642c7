import { createElement, type ElementType, type Key, type ReactNode } from 'react';

export { Fragment } from 'react';

interface Props {
  [name: string]: unknown;
  children?: ReactNode;
}

/**
 * What compiled dependencies call instead of createElement(). Grafana shares `react/jsx-runtime` only since 12.3 (and
 * late patches of 11.6 to 12.2), and React's own does not run on another version of React. This one does on all.
 */
export function jsx(type: ElementType, props: Props, key?: Key) {
  return createElement(type, key === undefined ? props : { ...props, key });
}

/** The same for children that never change places, so they need no keys. */
export function jsxs(type: ElementType, { children, ...props }: Props, key?: Key) {
  return createElement(type, key === undefined ? props : { ...props, key }, ...(children as ReactNode[]));
}
