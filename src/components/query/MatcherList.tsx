import { css } from '@emotion/css';
import React, { useId, useState } from 'react';
import type { GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { AccessoryButton, EditorField, InputGroup } from '@grafana/plugin-ui';
import { Button, Combobox, Stack, useStyles2 } from '@grafana/ui';

import { opChoices, plainChoices } from '../../query/choices';
import { changeMatcher, removeMatcher } from '../../query/matchers';
import { narrowed } from '../../query/suggestions';
import type { Matcher, MatchOp } from '../../types';

interface Props {
  matchers: Matcher[];
  labels: string[];
  valuesOf: (label: string) => Promise<string[]>;
  onChange: (matchers: Matcher[]) => void;
}

/** Stream labels that narrow every source. A new row is stored once its label is named. */
export function MatcherList({ matchers, labels, valuesOf, onChange }: Props) {
  const [adding, setAdding] = useState(false);
  const names = plainChoices(labels);
  const id = useId();
  const styles = useStyles2(getStyles);
  const add = (name: string) => {
    setAdding(false);
    onChange(changeMatcher(matchers, matchers.length, { name }));
  };
  return (
    <EditorField
      label={t('query-editor.matchers.label', 'Label filters')}
      tooltip={t('query-editor.matchers.tooltip', 'Added to the stream selector of every source')}
    >
      <Stack direction="row" wrap="wrap" alignItems="center" gap={1}>
        {/* Combobox takes its name from another element only. */}
        <span hidden id={`${id}-name`}>
          {t('query-editor.matchers.name', 'Label')}
        </span>
        <span hidden id={`${id}-op`}>
          {t('query-editor.matchers.op', 'Operator')}
        </span>
        <span hidden id={`${id}-value`}>
          {t('query-editor.matchers.value', 'Value')}
        </span>
        {matchers.map((matcher, index) => (
          <div key={index} className={styles.filter}>
            <InputGroup>
              <Combobox
                aria-labelledby={`${id}-name`}
                width={20}
                createCustomValue
                options={names}
                value={matcher.name}
                onChange={({ value }) => onChange(changeMatcher(matchers, index, { name: value }))}
              />
              <Combobox
                aria-labelledby={`${id}-op`}
                width={8}
                options={opChoices()}
                value={matcher.op}
                onChange={({ value }) => onChange(changeMatcher(matchers, index, { op: value as MatchOp }))}
              />
              <Combobox
                aria-labelledby={`${id}-value`}
                width="auto"
                minWidth={16}
                maxWidth={36}
                createCustomValue
                options={async (typed) => plainChoices(narrowed(await valuesOf(matcher.name), typed))}
                value={matcher.value}
                onChange={({ value }) => onChange(changeMatcher(matchers, index, { value }))}
              />
              <AccessoryButton
                aria-label={t('query-editor.matchers.remove', 'Remove filter')}
                icon="times"
                variant="secondary"
                onClick={() => onChange(removeMatcher(matchers, index))}
              />
            </InputGroup>
          </div>
        ))}
        {adding ? (
          <Combobox
            aria-labelledby={`${id}-name`}
            autoFocus
            width={20}
            createCustomValue
            options={names}
            placeholder={t('query-editor.matchers.choose', 'Choose a label')}
            onChange={({ value }) => add(value)}
            onBlur={() => setAdding(false)}
          />
        ) : (
          <Button
            aria-label={t('query-editor.matchers.add', 'Add filter')}
            icon="plus"
            variant="secondary"
            onClick={() => setAdding(true)}
          />
        )}
      </Stack>
    </EditorField>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  filter: css({
    minWidth: 0,
    maxWidth: '100%',
    // On a phone the value goes below label and operator.
    [theme.breakpoints.down('sm')]: { '> div': { flexWrap: 'wrap' } },
  }),
});
