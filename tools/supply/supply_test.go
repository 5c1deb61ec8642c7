package supply

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/build"
)

func TestRecognise(t *testing.T) {
	for text, want := range map[string]string{
		"The MIT License\n\nPermission is hereby granted,\n free of charge, to any person":                                     "MIT",
		"Apache License\n Version 2.0, January 2004":                                                                           "Apache-2.0",
		"GNU AFFERO GENERAL PUBLIC LICENSE\nVersion 3, 19 November 2007 … the GNU General Public License":                      "AGPL-3.0-only",
		"GNU GENERAL PUBLIC LICENSE\n Version 2, June 1991":                                                                    "GPL",
		"GNU LESSER GENERAL PUBLIC LICENSE\n Version 3. This version incorporates the terms of the GNU General Public License": "LGPL",
		"Redistribution and use in source and binary forms … Neither the name of the copyright holder":                         "BSD-3-Clause",
		"Redistribution and use in source and binary forms, with or without modification, are permitted":                       "BSD-2-Clause",
		"You may use this software for good and not for evil, on weekdays.":                                                    "",
	} {
		if got := recognise(text); got != want {
			t.Errorf("%.40q is %q, want %q", text, got, want)
		}
	}
}

func TestOnlyCompatibleLicencesPass(t *testing.T) {
	for expression, want := range map[string]bool{
		"MIT": true, "(MIT AND Zlib)": true, "(MPL-2.0 OR Apache-2.0)": true, "GPL-2.0-only OR MIT": true, "MIT AND BSD-3-Clause": true,
		"": false, "GPL": false, "GPL-2.0-only": false, "MIT AND GPL-2.0-only": false, "SSPL-1.0": false, "UNLICENSED": false, "SEE LICENSE IN x": false, "BUSL-1.1": false,
	} {
		if permitted(expression) != want {
			t.Errorf("%q: %v", expression, !want)
		}
	}
}

func TestLicenceFilesThatAreNotRecognisedAreNotTrusted(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("LICENSE.md", "Permission is hereby granted, free of charge")
	write("COPYING", "Apache License, Version 2.0")
	if got := licenceIn(folder); got != "Apache-2.0 AND MIT" {
		t.Error(got)
	}
	write("LICENSE.commercial", "Pay first.")
	if got := licenceIn(folder); got != "" {
		t.Errorf("%q beside a text that nobody has read", got)
	}
}

func TestSBOM(t *testing.T) {
	text, err := json.Marshal(sbom("plugin", "1.0.0", []Component{
		{Ecosystem: "golang", Name: "github.com/a/b/v3", Version: "v3.0.1+incompatible", Licence: "MIT"},
		{Ecosystem: "npm", Name: "@scope/c", Version: "2.0.0", Licence: "(MIT OR ISC)", Integrity: "sha512-" + strings.Repeat("A", 86) + "=="},
	}))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"pkg:golang/github.com/a/b/v3@v3.0.1+incompatible"`, `"pkg:npm/%40scope/c@2.0.0"`, `"alg":"SHA-512"`, `"specVersion":"1.5"`, `"expression":"MIT OR ISC"`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%s is missing in %s", want, text)
		}
	}
}

// What is compiled into the plugin is known down to its licence; npm packages need node_modules, see `mage licences`.
func TestEveryGoModuleOfThePluginMayBeShipped(t *testing.T) {
	modules, err := goModules(context.Background(), "../..")
	if err != nil || len(modules) < 50 {
		t.Fatalf("%d modules, %v", len(modules), err)
	}
	for _, m := range modules {
		if licence := licenceIn(m.folder); !permitted(licence) {
			t.Errorf("%s: %q", m, licence)
		}
	}
}

// The time of the build would make every binary another one.
func TestTheBuildNotesNoTime(t *testing.T) {
	t.Chdir("../..")
	c, err := SameBinary(build.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for key, value := range c.CustomVars {
		if !strings.HasSuffix(key, "buildInfoJSON") || strings.Contains(value, "time") || !strings.Contains(value, `"version":"`) {
			t.Errorf("%s = %s", key, value)
		}
	}
	if !strings.Contains(c.Env["GOFLAGS"], "-trimpath") || !strings.Contains(c.Env["GOFLAGS"], "-buildvcs=false") {
		t.Error(c.Env)
	}
}
