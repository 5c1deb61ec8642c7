import React, { type ComponentType, lazy, Suspense } from 'react';
import { LoadingPlaceholder } from '@grafana/ui';

import { translationsReady } from '../translations';

/**
 * A component that is fetched when it is first shown, and shown when its texts are there. Dashboards, which only run
 * queries, never pay for the editors.
 */
export function translated<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  const Loaded = lazy(async () => {
    const [component] = await Promise.all([load(), translationsReady()]);
    // lazy() cannot see that Props has no ref; the wrapper keeps its type honest.
    const Inner = component as ComponentType<object>;
    return { default: (props: { inner: Props }) => <Inner {...props.inner} /> };
  });
  return function Translated(props: Props) {
    return (
      <Suspense fallback={<LoadingPlaceholder text="" />}>
        <Loaded inner={props} />
      </Suspense>
    );
  };
}
