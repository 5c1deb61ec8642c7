import {
  CustomVariableSupport,
  type DataFrame,
  type DataQueryRequest,
  type DataQueryResponse,
  type MetricFindValue,
} from '@grafana/data';
import type { ComponentType } from 'react';
import { from, map, type Observable } from 'rxjs';

import { translated } from '../components/translated';
import type { DataSource } from '../datasource';
import { upgradeVariableQuery } from '../query/upgrade';
import type { IncidentsQuery } from '../types';
import { DEFAULT_VARIABLE_QUERY, type VariableQuery } from './model';
import { incidentValues, logqlValues, plainValues, signatureValues, stepValues } from './values';

export class IncidentVariables extends CustomVariableSupport<DataSource, VariableQuery> {
  // Typed loosely: Grafana's types know data sources in general, our editor asks ours for suggestions.
  editor: ComponentType<any> = translated(async () => (await import('../components/VariableEditor')).VariableEditor);

  constructor(private readonly datasource: DataSource) {
    super();
  }

  getDefaultQuery() {
    return DEFAULT_VARIABLE_QUERY;
  }

  query(request: DataQueryRequest<VariableQuery>): Observable<DataQueryResponse> {
    const query = upgradeVariableQuery(request.targets[0]);
    return this.values(query, request).pipe(map((data) => ({ data })));
  }

  private values(query: VariableQuery, request: DataQueryRequest<VariableQuery>): Observable<MetricFindValue[]> {
    switch (query.queryType) {
      case 'hosts':
        return from(this.datasource.hosts()).pipe(map(plainValues));
      case 'clusters':
        return from(this.datasource.clusters()).pipe(map(plainValues));
      case 'incidents':
        return this.run({ ...query, queryType: 'incidents' }, request).pipe(map(incidentValues));
      case 'steps':
        return this.run({ ...query, queryType: 'steps' }, request).pipe(map(stepValues));
      case 'logql':
        return this.run({ ...query, queryType: 'incidents' }, request).pipe(map(logqlValues));
      default: {
        const filters = this.datasource.applyTemplateVariables(
          { ...query, queryType: 'signatures' },
          request.scopedVars
        );
        return from(this.datasource.signatures()).pipe(map((catalogue) => signatureValues(catalogue, filters)));
      }
    }
  }

  private run(query: IncidentsQuery, request: DataQueryRequest<VariableQuery>): Observable<DataFrame[]> {
    return this.datasource.query({ ...request, targets: [query] }).pipe(
      map(({ data, errors }) => {
        if (errors?.length) {
          // An empty list would look like "no incidents".
          throw new Error(errors[0].message ?? errors[0].data?.message);
        }
        return data;
      })
    );
  }
}
