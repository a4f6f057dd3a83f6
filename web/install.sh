#!/usr/bin/env bash
# What the console's tests need beside Node.js: its packages, and Debian's Chromium with letters for three scripts, and a reader of PDF.
set -euo pipefail
cd "$(dirname "$0")"

if ! command -v npm >/dev/null; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq nodejs npm
  else
    echo "install Node.js 20.19 or later with npm: the console's tests need it" >&2
    exit 1
  fi
fi
if ! command -v "${DETENTE_CHROMIUM:-chromium}" >/dev/null; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-core
  else
    echo "install chromium (as root: apt-get install chromium fonts-noto-core), or name a browser in DETENTE_CHROMIUM" >&2
    exit 1
  fi
fi
if ! command -v pdftotext >/dev/null; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq poppler-utils
  else
    echo "install pdftotext (as root: apt-get install poppler-utils): what is printed is read with it" >&2
    exit 1
  fi
fi
# The same mark as the node's build leaves, so that packages are installed once.
if ! cmp -s package-lock.json node_modules/.detente-lock; then
  npm ci --no-audit --no-fund --ignore-scripts
  cp package-lock.json node_modules/.detente-lock
fi
node scripts/basemap.mjs
