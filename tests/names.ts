import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The data source of the run: the built-in samples, in English. They repeat every day, so a day holds incidents. */
export const SAMPLES = {
  uid: 'blueking-incidents-e2e',
  name: 'e2e samples of BlueKing Incidents',
  type: 'blueking-incidents-datasource',
  jsonData: { store: 'samples', language: 'en' },
} as const;

export const LAST_DAY = { from: 'now-24h', to: 'now' };

export interface Panel {
  type: string;
  title: string;
  datasource?: { type: string };
  targets?: Array<{ queryType?: string }>;
}

export interface Dashboard {
  uid: string;
  title: string;
  panels: Panel[];
}

const FOLDER = path.join(__dirname, '..', 'dashboards', 'en');

/** The shipped dashboards in English; a Grafana may hold them in Chinese, with the same uids. */
export const DASHBOARDS = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.json'))
  .map((file): Dashboard => JSON.parse(readFileSync(path.join(FOLDER, file), 'utf8')));

/** What the setup has put into the Grafana, for the teardown to take out again. */
export const LEDGER = path.join(__dirname, '..', 'playwright', '.auth', 'created.json');

export interface Ledger {
  datasource: boolean;
  dashboards: string[];
}
