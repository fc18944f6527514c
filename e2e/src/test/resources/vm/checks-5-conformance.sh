check_conformance_suite() {
  remove_pods
  focus=$(cat "$folder/focus")
  critest --ginkgo.no-color --ginkgo.v --ginkgo.json-report="$work/critest.json" --ginkgo.focus="$focus" >"$work/critest.log" 2>&1
  grep -a ' Passed ' "$work/critest.log"
}
