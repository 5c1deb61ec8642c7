import {
  type DataFrame,
  type DataTransformerInfo,
  standardTransformers,
  standardTransformersRegistry,
  transformDataFrame,
} from '@grafana/data';
import { lastValueFrom } from 'rxjs';

import type { Panel } from './dashboards';

// Grafana's own, not in @grafana/data: rows apart by the values of columns, which then are labels.
const partitionByValues: DataTransformerInfo<{ fields?: string[] }> = {
  id: 'partitionByValues',
  name: 'Partition by values',
  operator: ({ fields }, context) =>
    standardTransformers.filterFieldsByNameTransformer.operator({ exclude: { names: fields } }, context),
};

// Some stand in the list under an old name, too.
const transformers = new Map(
  [...Object.values<DataTransformerInfo>(standardTransformers), partitionByValues].map((one) => [one.id, one])
);

standardTransformersRegistry.setInit(() =>
  [...transformers].map(([id, transformation]) => ({
    id,
    name: transformation.name,
    transformation,
    imageDark: '',
    imageLight: '',
    editor: (() => null) as never,
  }))
);

/** What the panel makes of frames. */
export async function transformed(panel: Panel, frames: DataFrame[]): Promise<DataFrame[]> {
  return lastValueFrom(transformDataFrame(panel.transformations ?? [], frames));
}

/** Columns that meta names by position and that are not there; the classic table would crash on them. */
export function danglingPositions(frame: DataFrame): number[] {
  return (frame.meta?.uniqueRowIdFields ?? []).filter((position) => frame.fields[position] === undefined);
}
