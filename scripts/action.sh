#!/usr/bin/env bash
# Validate a data package in a workflow: annotations, reports in files, a summary, outputs.
#
# The step that runs it gives, in the environment and nowhere else:
#   IDLIB_PATH           folder of the package (default: .)
#   IDLIB_AGAINST        base to compare with: folder, release archive or git revision (default: none)
#   IDLIB_FAIL_ON_ERROR  false: errors in the data do not fail the step (default: true)
#   IDLIB_REPORTS        folder for the reports (default: idlib-data-reports in $RUNNER_TEMP)
# and the service gives GITHUB_OUTPUT and GITHUB_STEP_SUMMARY.
#
# Exit codes: 0 fine, 1 the data have errors, 2 the call or the environment has.
set -euo pipefail

path=${IDLIB_PATH:-.}
reports=${IDLIB_REPORTS:-$RUNNER_TEMP/idlib-data-reports}
fail=${IDLIB_FAIL_ON_ERROR:-true}
options=(${IDLIB_AGAINST:+"--against=$IDLIB_AGAINST"})

case $fail in
true | false) ;;
*)
    echo "::error title=idlib-data::fail-on-error is true or false"
    exit 2
    ;;
esac

mkdir -p "$reports"
summary=$(mktemp)
code=0
idlib-data validate --format github \
    --report "html=$reports/report.html" --report "sarif=$reports/report.sarif" \
    --report "json=$reports/report.json" --report "markdown=$summary" \
    ${options[@]+"${options[@]}"} -- "$path" || code=$?
# Exit code 1 is a verdict on the data and no failure of the call.
if [ "$code" -gt 1 ]; then
    echo "::error title=idlib-data::the package could not be validated, see the log"
    exit 2
fi
cat "$summary" >>"$GITHUB_STEP_SUMMARY"

counts='
import json, sys
with open(sys.argv[1], encoding="utf-8") as file:
    report = json.load(file)
found = [problem["severity"] for problem in report["problems"]]
print("valid=" + str(report["valid"]).lower())
print("errors=%d" % found.count("error"))
print("warnings=%d" % found.count("warning"))
'
outputs=$(python -c "$counts" "$reports/report.json")
printf '%s\nreports=%s\n' "$outputs" "$reports" | tr -d '\r' >>"$GITHUB_OUTPUT"

if [ "$fail" = true ] && [[ $outputs == valid=false* ]]; then
    exit 1
fi
