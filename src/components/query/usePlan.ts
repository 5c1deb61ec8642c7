import { useEffect, useState } from 'react';
import type { TimeRange } from '@grafana/data';

import type { DataSource } from '../../datasource';
import { messageOf } from '../../query/suggestions';
import type { IncidentsQuery, PlannedRead, Signature } from '../../types';

export interface PlanState {
  reads?: PlannedRead[];
  /** Why there is no plan, in the words of the backend. */
  problem?: string;
}

/** What a query would read, asked anew when the query or the range changes. */
export function usePlan(datasource: DataSource, query: IncidentsQuery, range: TimeRange | undefined): PlanState {
  const [state, setState] = useState<PlanState>({});
  // The query is a new object whenever the editor renders.
  const key = JSON.stringify([query, range?.from.valueOf(), range?.to.valueOf()]);
  useEffect(() => {
    let shown = true;
    datasource.plan(query, range).then(
      (reads) => shown && setState({ reads: reads ?? [] }),
      (error) => shown && setState({ problem: messageOf(error) })
    );
    return () => {
      shown = false;
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- key stands for query and range
  }, [datasource, key]);
  return state;
}

/** The signatures of the data source; none while they load or cannot be loaded. */
export function useCatalogue(datasource: DataSource): Signature[] | undefined {
  const [catalogue, setCatalogue] = useState<Signature[]>();
  useEffect(() => {
    let shown = true;
    datasource.signatures().then(
      (loaded) => shown && setCatalogue(loaded ?? []),
      // The selects of the editor say why.
      () => undefined
    );
    return () => {
      shown = false;
    };
  }, [datasource]);
  return catalogue;
}
