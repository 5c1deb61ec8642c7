import type { AnnotationQuery, AnnotationSupport } from '@grafana/data';

import { translated } from './components/translated';
import { DEFAULT_ANNOTATION_QUERY } from './query/defaults';
import { annotationQuery } from './query/upgrade';
import type { IncidentsQuery } from './types';

export const annotationSupport: AnnotationSupport<IncidentsQuery> = {
  getDefaultQuery: () => DEFAULT_ANNOTATION_QUERY,
  prepareAnnotation: (stored: AnnotationQuery<IncidentsQuery>) => ({
    ...stored,
    target: annotationQuery(stored.target),
  }),
  // Whatever the dashboard stored: without the type the backend would answer with a table, and Grafana would take
  // the wrong columns of it for time and text.
  prepareQuery: (annotation) => annotationQuery(annotation.target),
  QueryEditor: translated(async () => (await import('./components/AnnotationEditor')).AnnotationEditor),
};
