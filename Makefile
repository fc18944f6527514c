# Thin shortcuts: what they do stands in the pom, in build/ and in deploy/.
.PHONY: help build deb run stop test test-kubernetes test-handlers test-vm e2e critest soak bench bench-pull

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
TOOLS := . build/tools.sh; crij_find_jdk; crij_find_maven;

# What of the conformance suite must pass, as expressions of ginkgo: everything, without what CRI-J does not have yet.
CRITEST_FOCUS ?= .*
CRITEST_SKIP ?=
# The image that `make run` pulls; it must have a shell.
IMAGE ?= docker.io/library/busybox:latest
# The version of the Debian package, if not that of pom.xml.
DEB_VERSION ?=
# Which e2e test classes `make e2e` runs.
E2E ?= *KernelTest
# Which test classes `make test-kubernetes` runs.
KUBERNETES ?= *KernelTest

export CRITEST_FOCUS CRITEST_SKIP IMAGE KUBERNETES

help:
	@echo "make build     the programs, in dist/bin"
	@echo "make deb       a Debian package of them, in deploy/target"
	@echo "make run       as root: start CRI-J on this node and run a first pod (IMAGE=$(IMAGE))"
	@echo "make stop      as root: remove the pods and end CRI-J; images stay"
	@echo "make test      as root: every test, the conformance suite's share included"
	@echo "make e2e       as root: acceptance tests of the built programs (E2E=SurvivalKernelTest for one)"
	@echo "make test-kubernetes  as root: a one-node Kubernetes on CRI-J (KUBERNETES=KubeletKernelTest for one class)"
	@echo "make test-handlers  as root: pods with runc, crun, youki and runsc"
	@echo "make test-vm   as root: the Debian package in an emulated machine with systemd, cgroup v2 and AppArmor"
	@echo "make critest   as root: the conformance suite (CRITEST_FOCUS= a part of it)"
	@echo "make soak      as root: the soak tests in full, for hours (make test does a hundredth)"
	@echo "make bench     the benchmarks"
	@echo "make bench-pull  pulls, against containerd (bench/pull.sh --rounds 1 for a first look)"

build:
	@$(TOOLS) "$$MVN" -q package -DskipTests -pl deploy -am
	@deploy/dist.sh

deb: build
	@deploy/deb.sh $(DEB_VERSION)

run: build
	@build/run.sh

stop:
	@build/stop.sh

test:
	@build/test.sh all

e2e:
	@build/test.sh '$(E2E)'

test-kubernetes:
	@build/test.sh kubernetes

test-handlers:
	@build/test.sh handlers

test-vm:
	@build/test.sh vm

critest:
	@build/test.sh CritestKernelTest

soak:
	@build/test.sh soak

bench: build
	@bench/run.sh
	@bench/monitor.sh

bench-pull: build
	@bench/pull.sh
