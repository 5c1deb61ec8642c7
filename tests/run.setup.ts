import { expect, test as setup } from '@grafana/plugin-e2e';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { DASHBOARDS, LEDGER, type Ledger, SAMPLES } from './names';

setup('a data source of the samples, and the shipped dashboards', async ({ request }) => {
  const plugin = await request.get(`/api/plugins/${SAMPLES.type}/settings`);
  expect(plugin.ok(), `this Grafana has not loaded the plugin ${SAMPLES.type}: install its dist folder first`).toBe(
    true
  );

  const ledger: Ledger = { datasource: false, dashboards: [] };
  const save = () => {
    mkdirSync(path.dirname(LEDGER), { recursive: true });
    writeFileSync(LEDGER, JSON.stringify(ledger));
  };
  const found = await request.get(`/api/datasources/uid/${SAMPLES.uid}`);
  if (!found.ok()) {
    const created = await request.post('/api/datasources', { data: { ...SAMPLES, access: 'proxy', isDefault: false } });
    expect(created.ok(), await created.text()).toBe(true);
  }
  ledger.datasource = true; // also one that an interrupted run has left behind
  save();
  for (const dashboard of DASHBOARDS) {
    if ((await request.get(`/api/dashboards/uid/${dashboard.uid}`)).ok()) {
      continue; // provisioned, or imported from the plugin's page
    }
    const imported = await request.post('/api/dashboards/db', { data: { dashboard: { ...dashboard, id: null } } });
    expect(imported.ok(), await imported.text()).toBe(true);
    ledger.dashboards.push(dashboard.uid);
    save();
  }
});
