# The commands people use. Each installs what it needs.
#
#   make demo    everything on 127.0.0.1:8080 (PORT=… overrides), with sample data; Ctrl-C stops it
#   make test    every test: unit, database, whole flows, browser
#   make bench   the measurements
#   make check   formatting, lints, licences, stale files: what CI adds to the tests
#   make prepare writes anew what is generated and committed: .sqlx, docs/openapi.json

SHELL := /bin/bash
CARGO ?= cargo
ASSETS := src/web/assets
BROWSER := tests/browser
export SQLX_OFFLINE ?= true

.PHONY: demo test bench check prepare install install-tests assets

demo: assets
	@echo 'Building; the first time takes some minutes.'
	$(CARGO) run -- demo $(if $(PORT),--port $(PORT))

test: install-tests assets $(BROWSER)/node_modules/.installed
	$(CARGO) test --workspace
	node --test --test-concurrency=1 $(BROWSER)/*.test.mjs

bench: assets
	$(CARGO) bench --bench sportello

check: install-tests assets
	./.ci/check

prepare: assets
	./.ci/prepare

assets: $(ASSETS)/node_modules/.installed

$(ASSETS)/node_modules/.installed: $(ASSETS)/package-lock.json | install
	npm --prefix $(ASSETS) ci --no-audit --no-fund --ignore-scripts
	touch $@

$(BROWSER)/node_modules/.installed: $(BROWSER)/package-lock.json | install
	npm --prefix $(BROWSER) ci --no-audit --no-fund --ignore-scripts
	touch $@

install:
	./.ci/install

install-tests:
	./.ci/install --tests
