import { asksFor, choose, field, TYPE } from './editor';
import { expect, test } from './grafana';
import { SAMPLES } from './names';

test.beforeEach(async ({ annotationEditPage, page }) => {
  await annotationEditPage.datasource.set(SAMPLES.name);
  await expect(field(page, /^Severities/)).toBeVisible();
});

test('incidents become annotations', async ({ annotationEditPage, page, selectors }) => {
  await expect(field(page, TYPE)).toBeHidden();
  const response = await annotationEditPage.runQuery();
  expect(response.status()).toBe(200);
  expect(response.request().postDataJSON().queries[0]).toMatchObject({ queryType: 'annotations' });
  // "12 events (from 7 fields)": no hour of the samples is without an incident.
  const result = annotationEditPage.getByGrafanaSelector(selectors.components.Annotations.editor.resultContainer);
  await expect(result).toContainText(/[1-9]\d* events/);
});

test('a preset sets the filters', async ({ annotationEditPage, page }) => {
  // Not any answer: that of the query without the preset may still be on its way.
  const started = page.waitForRequest(asksFor('"stat":"started"'));
  await choose(page, /^(Show|显示)$/, 'Starts only');
  await annotationEditPage.runQuery();
  expect((await started).postDataJSON().queries[0]).toMatchObject({ queryType: 'annotations', stat: 'started' });
});
