import {
  type AdHocVariableFilter,
  type CoreApp,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceGetTagValuesOptions,
  type DataSourceInstanceSettings,
  type MetricFindValue,
  type ScopedVars,
} from '@grafana/data';
import { DataSourceWithBackend, getTemplateSrv, type TemplateSrv } from '@grafana/runtime';
import type { Observable } from 'rxjs';

import { annotationSupport } from './annotations';
import { filterLabels } from './query/adhoc';
import { completeQuery, defaultQuery } from './query/defaults';
import { isRunnable } from './query/fields';
import { interpolateQuery } from './query/interpolate';
import { completeSettings } from './settings/defaults';
import type { IncidentsJsonData, IncidentsQuery, Settings, Signature } from './types';
import { IncidentVariables } from './variables/support';

export class DataSource extends DataSourceWithBackend<IncidentsQuery, IncidentsJsonData> {
  readonly settings: Settings;
  private catalogue?: Promise<Signature[]>;

  constructor(
    instanceSettings: DataSourceInstanceSettings<IncidentsJsonData>,
    private readonly templates: TemplateSrv = getTemplateSrv()
  ) {
    super(instanceSettings);
    this.settings = completeSettings(instanceSettings.jsonData);
    this.annotations = annotationSupport;
    this.variables = new IncidentVariables(this);
  }

  getDefaultQuery(app: CoreApp): Partial<IncidentsQuery> {
    return defaultQuery(app);
  }

  filterQuery(query: IncidentsQuery): boolean {
    return isRunnable(completeQuery(query));
  }

  /** A query whose variables leave nothing to ask for (no incident chosen) is skipped instead of failing its panel. */
  query(request: DataQueryRequest<IncidentsQuery>): Observable<DataQueryResponse> {
    const asks = (query: IncidentsQuery) =>
      isRunnable(this.applyTemplateVariables(query, request.scopedVars, request.filters));
    return super.query({ ...request, targets: request.targets.filter(asks) });
  }

  applyTemplateVariables(
    query: IncidentsQuery,
    scopedVars: ScopedVars,
    filters?: AdHocVariableFilter[]
  ): IncidentsQuery {
    return interpolateQuery(
      completeQuery(query),
      (text, format) => this.templates.replace(text, scopedVars, format),
      filters
    );
  }

  /** The catalogue changes only with the settings, and then Grafana makes a new DataSource. */
  signatures(): Promise<Signature[]> {
    this.catalogue ??= this.getResource<Signature[]>('signatures').catch((error) => {
      this.catalogue = undefined;
      throw error;
    });
    return this.catalogue;
  }

  hosts(): Promise<string[]> {
    return this.getResource('hosts');
  }

  clusters(): Promise<string[]> {
    return this.getResource('clusters');
  }

  labelValues(name: string): Promise<string[]> {
    return this.getResource(`labels/${encodeURIComponent(name)}/values`);
  }

  /** What may be typed instead of a value: `$name` of every variable of the dashboard. */
  variableNames(): string[] {
    return this.templates.getVariables().map(({ name }) => `$${name}`);
  }

  /** With getTagValues: what Grafana's ad hoc filters offer. */
  async getTagKeys(): Promise<MetricFindValue[]> {
    return filterLabels(this.settings).map((text) => ({ text }));
  }

  async getTagValues({ key }: DataSourceGetTagValuesOptions<IncidentsQuery>): Promise<MetricFindValue[]> {
    return (await this.labelValues(key)).map((text) => ({ text }));
  }
}
