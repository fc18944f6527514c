.PHONY: help build run stop test bench

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
TOOLS := . build/tools.sh; crij_find_jdk; crij_find_maven;

help:
	@echo "make build   the programs, in dist/bin"
	@echo "make test    every test (root)"

build:
	@$(TOOLS) "$$MVN" -q package -DskipTests
	@deploy/dist.sh

test:
	@$(TOOLS) "$$MVN" verify
