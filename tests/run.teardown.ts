import { test as teardown } from '@grafana/plugin-e2e';
import { existsSync, readFileSync, rmSync } from 'node:fs';

import { LEDGER, type Ledger, SAMPLES } from './names';

teardown('what the setup has created', async ({ request }) => {
  if (!existsSync(LEDGER)) {
    return;
  }
  const { datasource, dashboards }: Ledger = JSON.parse(readFileSync(LEDGER, 'utf8'));
  for (const uid of dashboards) {
    await request.delete(`/api/dashboards/uid/${uid}`);
  }
  if (datasource) {
    await request.delete(`/api/datasources/uid/${SAMPLES.uid}`);
  }
  rmSync(LEDGER);
});
