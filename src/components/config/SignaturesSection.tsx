import React, { useEffect, useMemo, useState } from 'react';
import { t } from '@grafana/i18n';
import { CodeEditor, type Monaco, type MonacoEditor, Stack, Text } from '@grafana/ui';

import { lintSignatures } from '../../settings/backend';
import { lintRemark, marksOf } from '../../settings/lint';
import { signaturesSummary } from '../../settings/summaries';
import { useAnswers } from '../../settings/useAnswers';
import { Fold } from './Fold';
import { LintedProblems } from './LintedProblems';
import { ReadOnlyNote } from './ReadOnlyNote';
import { RemarkText } from './RemarkText';
import type { SectionProps } from './section';

/** Whose marks in the editor are ours. */
const OWNER = 'blueking-incidents';

interface Mounted {
  editor: MonacoEditor;
  monaco: Monaco;
}

export function SignaturesSection({ options, settings, change }: SectionProps) {
  // What is typed is stored when the editor is left, and checked while it is typed.
  const [text, setText] = useState(settings.signatures);
  const [mounted, setMounted] = useState<Mounted>();
  const sources = [...new Set(settings.sources.map(({ source }) => source))];
  const answers = useAnswers(
    text.trim() === '' ? [] : [text],
    (yaml) => lintSignatures(options.uid, yaml, sources),
    `${options.uid} ${sources.join(' ')}`
  );
  const problems = useMemo(() => answers[text]?.value?.problems ?? [], [answers, text]);
  useEffect(() => {
    const model = mounted?.editor.getModel();
    if (model) {
      mounted?.monaco.editor.setModelMarkers(model, OWNER, marksOf(problems, text));
    }
  }, [mounted, problems, text]);
  const store = (signatures: string) => {
    setText(signatures);
    change({ signatures });
  };
  return (
    <Fold title={t('config.signatures.title', 'Custom signatures')} summary={signaturesSummary(settings.signatures)}>
      <Stack direction="column" gap={1}>
        <Text color="secondary">
          {t(
            'config.signatures.description',
            'Failures that the built-in catalogue does not know, as YAML; several documents are separated by ---. They are checked, and their tests run, while you type.'
          )}
        </Text>
        {options.readOnly && <ReadOnlyNote />}
        <CodeEditor
          language="yaml"
          height={320}
          value={settings.signatures}
          readOnly={options.readOnly}
          showLineNumbers
          showMiniMap={false}
          onEditorDidMount={(editor, monaco) => setMounted({ editor, monaco })}
          onChange={setText}
          onBlur={store}
          onSave={store}
        />
        <RemarkText remark={lintRemark(text, answers[text])} />
        <LintedProblems
          problems={problems}
          onGoTo={({ line, column }) => {
            mounted?.editor.revealLineInCenter(line);
            mounted?.editor.setPosition({ lineNumber: line, column });
            mounted?.editor.focus();
          }}
        />
      </Stack>
    </Fold>
  );
}
