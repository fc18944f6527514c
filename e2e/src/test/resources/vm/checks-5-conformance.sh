check_conformance_suite() {
  remove_pods
  focus=$(cat "$folder/focus")
  critest --runtime-endpoint="$CONTAINER_RUNTIME_ENDPOINT" --image-endpoint="$IMAGE_SERVICE_ENDPOINT" --ginkgo.no-color --ginkgo.v --ginkgo.timeout=3h \
    --ginkgo.json-report="$work/critest.json" --ginkgo.focus="$focus" >"$work/critest.log" 2>&1
}
