import {
  type AdHocVariableFilter,
  type CoreApp,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceGetTagValuesOptions,
  type DataSourceInstanceSettings,
  type DataSourceWithLogsContextSupport,
  type DataSourceWithQueryModificationSupport,
  type DataSourceWithSupplementaryQueriesSupport,
  type DataSourceWithToggleableQueryFiltersSupport,
  type LiveChannelAddress,
  type LogRowContextOptions,
  type LogRowModel,
  type MetricFindValue,
  type QueryFilterOptions,
  type QueryFixAction,
  type ScopedVars,
  type SupplementaryQueryOptions,
  type SupplementaryQueryType,
  type TimeRange,
  type ToggleFilterAction,
} from '@grafana/data';
import { t } from '@grafana/i18n';
import {
  config,
  DataSourceWithBackend,
  getGrafanaLiveSrv,
  getTemplateSrv,
  type HealthCheckResult,
  type TemplateSrv,
} from '@grafana/runtime';
import { from, identity, lastValueFrom, map, mergeMap, type Observable } from 'rxjs';

import { annotationSupport } from './annotations';
import { messageFor, userLanguage } from './language';
import { COLUMN_KEYS, filterLabels, needsCatalogue } from './query/adhoc';
import { contextQuery, contextRequest, withoutRow } from './query/context';
import { defaultQuery } from './query/defaults';
import { isRunnable } from './query/fields';
import { channelRequest, liveAnswer, type LiveSource, liveTargets, type Pushed } from './query/live';
import { interpolateQuery, selectsNothing } from './query/interpolate';
import { addFilter, hasFilter, MODIFICATIONS, toggleFilter } from './query/toggle';
import { upgradeQuery } from './query/upgrade';
import { splitVolumes, SUPPLEMENTARY_TYPES, supplementaryQuery, supplementaryRequest } from './query/volume';
import { withMeasurableTexts } from './query/wrapping';
import { completeSettings } from './settings/defaults';
import {
  type IncidentsJsonData,
  type IncidentsQuery,
  type PlannedRead,
  SEVERITIES,
  type Settings,
  type Signature,
} from './types';
import { IncidentVariables } from './variables/support';

export class DataSource
  extends DataSourceWithBackend<IncidentsQuery, IncidentsJsonData>
  implements
    DataSourceWithSupplementaryQueriesSupport<IncidentsQuery>,
    DataSourceWithLogsContextSupport<IncidentsQuery>,
    DataSourceWithToggleableQueryFiltersSupport<IncidentsQuery>,
    DataSourceWithQueryModificationSupport<IncidentsQuery>
{
  readonly settings: Settings;
  private catalogue?: Promise<Signature[]>;
  /** Ids of the active signatures, once the catalogue has arrived. */
  private active: string[] = [];

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
    return isRunnable(upgradeQuery(query));
  }

  /** A query whose variables leave nothing to ask for (no incident chosen) is skipped instead of failing its panel. */
  query(request: DataQueryRequest<IncidentsQuery>): Observable<DataQueryResponse> {
    const asks = (target: IncidentsQuery) => {
      const query = this.applyTemplateVariables(target, request.scopedVars, request.filters);
      return isRunnable(query) && !selectsNothing(query);
    };
    const run = () => {
      const asked = { ...request, targets: request.targets.filter(asks) };
      const live = liveTargets(asked);
      const answers = live.length > 0 ? liveAnswer(asked, live, this.liveSource()) : super.query(asked);
      return answers.pipe(map(splitVolumes), map(newTable() ? withMeasurableTexts : identity));
    };
    return needsCatalogue(request.filters) ? from(this.signatures()).pipe(mergeMap(run)) : run();
  }

  /** A query without a language is answered in the user's. Alert rules have no user: theirs is the data source's. */
  applyTemplateVariables(
    query: IncidentsQuery,
    scopedVars: ScopedVars,
    filters?: AdHocVariableFilter[]
  ): IncidentsQuery {
    const complete = interpolateQuery(
      upgradeQuery(query),
      (text, format) => this.templates.replace(text, scopedVars, format),
      filters,
      this.active
    );
    return { ...complete, language: complete.language ?? userLanguage() };
  }

  /** The health check in the user's language: Grafana does not tell the backend who asks. */
  async callHealthCheck(): Promise<HealthCheckResult> {
    const checked = await super.callHealthCheck();
    return { ...checked, message: messageFor(userLanguage(), checked) };
  }

  private liveSource(): LiveSource {
    return {
      uid: this.uid,
      run: (request) => super.query(request),
      open: (query, request) => {
        const complete = this.applyTemplateVariables(query, request.scopedVars, request.filters);
        return this.postResource('live', channelRequest(complete, request), { params: { language: userLanguage() } });
      },
      follow: (address) => getGrafanaLiveSrv().getStream<Pushed>(address as unknown as LiveChannelAddress),
      notLive: t('query.live.off', 'This does not update by itself'),
    };
  }

  /** The lines of the same stream around a line of evidence. */
  async getLogRowContext(row: LogRowModel, options?: LogRowContextOptions): Promise<DataQueryResponse> {
    return withoutRow(await lastValueFrom(this.query(contextRequest(row, options))), row);
  }

  /** The same as a query, which Grafana opens in Explore. */
  async getLogRowContextQuery(row: LogRowModel, options?: LogRowContextOptions): Promise<IncidentsQuery> {
    return contextQuery(row, options);
  }

  /** What a query would read of the logs. Nothing is read to tell. */
  plan(query: IncidentsQuery, range?: TimeRange): Promise<PlannedRead[]> {
    const params = { language: userLanguage(), ...(range && { from: range.from.valueOf(), to: range.to.valueOf() }) };
    return this.postResource('plan', this.applyTemplateVariables(query, {}), { params });
  }

  /** The catalogue changes only with the settings, and then Grafana makes a new DataSource. */
  signatures(): Promise<Signature[]> {
    this.catalogue ??= this.list<Signature>('signatures').then(
      (catalogue) => {
        this.active = (catalogue ?? []).filter(({ status }) => status === 'active').map(({ id }) => id);
        return catalogue;
      },
      (error) => {
        this.catalogue = undefined;
        throw error;
      }
    );
    return this.catalogue;
  }

  hosts(): Promise<string[]> {
    return this.list('hosts');
  }

  clusters(): Promise<string[]> {
    return this.list('clusters');
  }

  labelValues(name: string): Promise<string[]> {
    return this.list(`labels/${encodeURIComponent(name)}/values`);
  }

  /** A list of the backend; its titles and errors are in the user's language. */
  private list<T = string>(path: string): Promise<T[]> {
    return this.getResource<T[]>(path, { language: userLanguage() });
  }

  /** What may be typed instead of a value: `$name` of every variable of the dashboard. */
  variableNames(): string[] {
    return this.templates.getVariables().map(({ name }) => `$${name}`);
  }

  /** With getTagValues: what Grafana's ad hoc filters offer. */
  async getTagKeys(): Promise<MetricFindValue[]> {
    return [...COLUMN_KEYS, ...filterLabels(this.settings)].map((text) => ({ text }));
  }

  async getTagValues({ key }: DataSourceGetTagValuesOptions<IncidentsQuery>): Promise<MetricFindValue[]> {
    switch (key) {
      case 'signature':
        return (await this.signatures()).map(({ id }) => ({ text: id }));
      case 'severity':
        return SEVERITIES.map((text) => ({ text }));
      default:
        return (await this.labelValues(key)).map((text) => ({ text }));
    }
  }

  getSupportedSupplementaryQueryTypes(): SupplementaryQueryType[] {
    return SUPPLEMENTARY_TYPES;
  }

  getSupplementaryRequest(
    type: SupplementaryQueryType,
    request: DataQueryRequest<IncidentsQuery>,
    options?: SupplementaryQueryOptions
  ): DataQueryRequest<IncidentsQuery> | undefined {
    const targets = request.targets.map((query) => upgradeQuery(query));
    return supplementaryRequest(type, { ...request, targets }, options);
  }

  getSupplementaryQuery(options: SupplementaryQueryOptions, query: IncidentsQuery): IncidentsQuery | undefined {
    return supplementaryQuery(options, upgradeQuery(query));
  }

  toggleQueryFilter(query: IncidentsQuery, { type, options }: ToggleFilterAction): IncidentsQuery {
    return toggleFilter(upgradeQuery(query), type, options, this.active);
  }

  queryHasFilter(query: IncidentsQuery, filter: QueryFilterOptions): boolean {
    return hasFilter(upgradeQuery(query), filter);
  }

  getSupportedQueryModifications(): string[] {
    return MODIFICATIONS;
  }

  modifyQuery(query: IncidentsQuery, action: QueryFixAction): IncidentsQuery {
    return addFilter(upgradeQuery(query), action, this.active);
  }
}

/** Whether Grafana draws tables with its newer engine. The types know the toggle only in some releases. */
function newTable(): boolean {
  return Boolean((config.featureToggles as Record<string, boolean | undefined>).tableNextGen);
}
