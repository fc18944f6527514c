package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
)

// An image with one static program, this one, that both peers pull from a registry on loopback. As /load it
// waits for SIGTERM, and as "/load spam BYTES" it writes lines of 100 bytes.
type registry struct {
	blobs    map[string][]byte
	manifest []byte
	address  string
}

const repository = "bench/load"

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:])
}

func startRegistry(address string) (*registry, error) {
	program, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		return nil, err
	}
	var raw bytes.Buffer
	archive := tar.NewWriter(&raw)
	for _, dir := range []string{"dev", "etc", "proc", "sys", "tmp"} {
		if err := archive.WriteHeader(&tar.Header{Name: dir + "/", Typeflag: tar.TypeDir, Mode: 0o755}); err != nil {
			return nil, err
		}
	}
	header := &tar.Header{Name: "load", Typeflag: tar.TypeReg, Mode: 0o755, Size: int64(len(program))}
	if err := archive.WriteHeader(header); err != nil {
		return nil, err
	}
	if _, err := archive.Write(program); err != nil {
		return nil, err
	}
	if err := archive.Close(); err != nil {
		return nil, err
	}
	var layer bytes.Buffer
	packer := gzip.NewWriter(&layer)
	if _, err := packer.Write(raw.Bytes()); err != nil {
		return nil, err
	}
	if err := packer.Close(); err != nil {
		return nil, err
	}
	r := &registry{blobs: map[string][]byte{}}
	config, _ := json.Marshal(map[string]any{
		"architecture": "amd64", "os": "linux",
		"config": map[string]any{"Entrypoint": []string{"/load", "wait"}},
		"rootfs": map[string]any{"type": "layers", "diff_ids": []string{digest(raw.Bytes())}},
	})
	describe := func(kind string, data []byte) map[string]any {
		r.blobs[digest(data)] = data
		return map[string]any{"mediaType": kind, "digest": digest(data), "size": len(data)}
	}
	r.manifest, _ = json.Marshal(map[string]any{
		"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
		"config": describe("application/vnd.oci.image.config.v1+json", config),
		"layers": []any{describe("application/vnd.oci.image.layer.v1.tar+gzip", layer.Bytes())},
	})
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	r.address = listener.Addr().String()
	go func() { _ = http.Serve(listener, r) }()
	return r, nil
}

// reference names the image, which has every tag.
func (r *registry) reference(tag string) string {
	return fmt.Sprintf("%s/%s:%s", r.address, repository, tag)
}

func (r *registry) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	name := q.URL.Path[strings.LastIndexByte(q.URL.Path, '/')+1:]
	switch {
	case q.URL.Path == "/v2/":
		w.WriteHeader(http.StatusOK)
	case strings.HasPrefix(q.URL.Path, "/v2/"+repository+"/manifests/"):
		w.Header().Set("Content-Type", "application/vnd.oci.image.manifest.v1+json")
		w.Header().Set("Docker-Content-Digest", digest(r.manifest))
		http.ServeContent(w, q, "", zeroTime, bytes.NewReader(r.manifest))
	case r.blobs[name] != nil:
		w.Header().Set("Content-Type", "application/octet-stream")
		http.ServeContent(w, q, "", zeroTime, bytes.NewReader(r.blobs[name]))
	default:
		http.NotFound(w, q)
	}
}
