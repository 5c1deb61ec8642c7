import { expect, test } from '@grafana/plugin-e2e';

import { SAMPLES } from './samples';

test('the incidents are a table', async ({ explorePage, readProvisionedDataSource, page }) => {
  const { name } = await readProvisionedDataSource(SAMPLES);
  await explorePage.datasource.set(name);
  await explorePage.timeRange.set({ from: 'now-24h', to: 'now' });
  const row = explorePage.getQueryEditorRow('A');
  await expect(row.getByLabel(/^(Query type|查询类型)/)).toHaveValue(/^(Incidents|故障)$/);
  await expect(explorePage.runQuery()).toBeOK();
  await expect(page.getByRole('table').getByRole('row').nth(1)).toBeVisible();
});

test('evidence is shown as logs', async ({ explorePage, readProvisionedDataSource, page }) => {
  const { name } = await readProvisionedDataSource(SAMPLES);
  await explorePage.datasource.set(name);
  await explorePage.timeRange.set({ from: 'now-24h', to: 'now' });
  const row = explorePage.getQueryEditorRow('A');
  await row.getByLabel(/^(Query type|查询类型)/).click();
  await page.getByRole('option', { name: /^(Evidence|证据日志)/ }).click();
  await expect(explorePage.runQuery()).toBeOK();
  await expect(page.getByTestId('data-testid Panel header Logs')).toBeVisible();
});

test('an example of the help page becomes the query', async ({ explorePage, readProvisionedDataSource, page }) => {
  const { name } = await readProvisionedDataSource(SAMPLES);
  await explorePage.datasource.set(name);
  const answered = page.waitForRequest(
    (sent) => sent.url().includes('/api/ds/query') && (sent.postData() ?? '').includes('"unmatched"')
  );
  await page.getByText(/^(Which errors does nobody know yet\?|还有哪些报错无人认识？)$/).click();
  const [query] = (await answered).postDataJSON().queries;
  expect(query).toMatchObject({ queryType: 'unmatched', stat: 'clusters' });
  const row = explorePage.getQueryEditorRow('A');
  await expect(row.getByLabel(/^(Count of|统计)/)).toBeVisible();
});
