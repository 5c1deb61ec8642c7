import { asksFor, choose, field, run, STAT, TYPE } from './editor';
import { expect, test } from './grafana';
import { LAST_DAY, SAMPLES } from './names';

test.beforeEach(async ({ explorePage }) => {
  await explorePage.datasource.set(SAMPLES.name);
  await expect(field(explorePage.getQueryEditorRow('A'), TYPE)).toBeVisible();
});

test('the incidents are a table', async ({ explorePage, page }) => {
  await explorePage.timeRange.set(LAST_DAY);
  await expect(field(explorePage.getQueryEditorRow('A'), TYPE)).toHaveValue(/^(Incidents|事件)$/);
  expect((await run(page)).status()).toBe(200);
  await expect(page.getByRole('columnheader', { name: /Severity/ }).first()).toBeVisible();
});

test('evidence is shown as logs, with its volume by level', async ({ explorePage, page }) => {
  await explorePage.timeRange.set(LAST_DAY);
  const volume = page.waitForResponse((answer) => asksFor('"stat":"levels"')(answer.request()));
  await choose(explorePage.getQueryEditorRow('A'), TYPE, 'Evidence');
  expect((await run(page)).status()).toBe(200);
  const answer = await volume;
  expect(answer.status()).toBe(200);
  const { results } = await answer.json();
  const levels = results['log-volume-A'].frames[0].schema.fields.slice(1).map((one: { labels: object }) => one.labels);
  expect(levels.length).toBeGreaterThan(0);
  expect(Object.keys(levels[0])).toEqual(['level']);
  await expect(page.getByTestId(/^data-testid Panel header Logs/).first()).toBeVisible();
});

test('an example of the help page becomes the query', async ({ explorePage, page }) => {
  const row = explorePage.getQueryEditorRow('A');
  await row.getByRole('button', { name: /data source help/i }).click();
  await page.getByText(/^(Which errors does nobody know yet\?|还有哪些报错无人认识？)$/).click();
  // The row takes the example over; running it is left to the user.
  await expect(field(row, TYPE)).toHaveValue(/^(Unmatched|未匹配)$/);
  await expect(field(row, STAT)).toBeVisible();
  const response = await run(page);
  expect(response.status()).toBe(200);
  expect(response.request().postDataJSON().queries[0]).toMatchObject({ queryType: 'unmatched', stat: 'clusters' });
});
