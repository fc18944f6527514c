check_conformance_suite() {
  # The suite loads profiles by it, though it is root.
  printf '#!/bin/sh\nexec "$@"\n' >/usr/local/bin/sudo
  chmod +x /usr/local/bin/sudo
  remove_pods
  focus=$(cat "$folder/focus")
  critest --runtime-endpoint="$CONTAINER_RUNTIME_ENDPOINT" --image-endpoint="$IMAGE_SERVICE_ENDPOINT" --ginkgo.no-color --ginkgo.v --ginkgo.timeout=3h \
    --ginkgo.json-report="$work/critest.json" --ginkgo.focus="$focus" >"$work/critest.log" 2>&1
}
