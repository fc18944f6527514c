package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

const manifestType = "application/vnd.oci.image.manifest.v1+json"

// Debian's docker-registry on loopback, with its data in a folder that is kept between runs.
type registry struct {
	address string
	process *exec.Cmd
	// Without TLS nil.
	certificate *certificate
}

func startRegistry(address, folder, logs string) (*registry, error) {
	config := filepath.Join(logs, "registry.yml")
	r := &registry{address: address, process: exec.Command("docker-registry", "serve", config)}
	protection := ""
	if *overTLS {
		var err error
		if r.certificate, err = newCertificate(logs); err != nil {
			return nil, err
		}
		protection = fmt.Sprintf(", tls: {certificate: %s, key: %s}", r.certificate.file, r.certificate.key)
	}
	text := fmt.Sprintf("version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\n"+
		"storage: {filesystem: {rootdirectory: %s}}\nhttp: {addr: %s%s}\n", folder, address, protection)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return nil, err
	}
	output, err := os.Create(filepath.Join(logs, "registry.log"))
	if err != nil {
		return nil, err
	}
	r.process.Stdout, r.process.Stderr = output, output
	if err := r.process.Start(); err != nil {
		return nil, err
	}
	for range 200 {
		if response, err := http.Get(r.url("")); err == nil {
			response.Body.Close()
			return r, nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return r, fmt.Errorf("docker-registry does not answer on %s", address)
}

func (r *registry) stop() {
	_ = r.process.Process.Kill()
	_ = r.process.Wait()
}

func (r *registry) url(path string) string { return r.server() + "/v2/" + path }

func (r *registry) server() string {
	if r.certificate == nil {
		return "http://" + r.address
	}
	return "https://" + r.address
}

// tell makes a folder of hosts.toml files that say how it is reached, which CRI-J and containerd read alike.
func (r *registry) tell(folder string) error {
	hosts := filepath.Join(folder, r.address)
	text := fmt.Sprintf("server = %q\n", r.server())
	if r.certificate != nil {
		text += fmt.Sprintf("ca = %q\n", r.certificate.file)
	}
	return errors.Join(os.MkdirAll(hosts, 0o700), os.WriteFile(hosts+"/hosts.toml", []byte(text), 0o600))
}

func (r *registry) reference(name string) string { return r.address + "/bench/" + name + ":1" }

func (r *registry) has(name string) bool {
	request, err := http.NewRequest("HEAD", r.url("bench/"+name+"/manifests/1"), nil)
	if err != nil {
		return false
	}
	request.Header.Set("Accept", manifestType)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	response.Body.Close()
	return response.StatusCode == http.StatusOK
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:])
}

func send(method, url, contentType string, body io.Reader, length int64, wanted int) (*http.Response, error) {
	request, err := http.NewRequest(method, url, body)
	if err != nil {
		return nil, err
	}
	request.ContentLength = length
	request.Header.Set("Content-Type", contentType)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != wanted {
		text, _ := io.ReadAll(io.LimitReader(response.Body, 1000))
		return nil, fmt.Errorf("%s %s: %s: %s", method, url, response.Status, text)
	}
	return response, nil
}

func (r *registry) pushBlob(name, digest string, body io.Reader, length int64) error {
	begun, err := send("POST", r.url("bench/"+name+"/blobs/uploads/"), "", http.NoBody, 0, http.StatusAccepted)
	if err != nil {
		return err
	}
	location, err := begun.Location()
	if err != nil {
		return err
	}
	query := location.Query()
	query.Set("digest", digest)
	location.RawQuery = query.Encode()
	_, err = send("PUT", location.String(), "application/octet-stream", body, length, http.StatusCreated)
	return err
}

// push uploads an image as NAME:1.
func (r *registry) push(name string, layers []layer) error {
	var diffIDs []string
	var descriptors []any
	for _, l := range layers {
		file, err := os.Open(l.file)
		if err != nil {
			return err
		}
		err = r.pushBlob(name, l.digest, file, l.size)
		file.Close()
		if err != nil {
			return err
		}
		diffIDs = append(diffIDs, l.diffID)
		descriptors = append(descriptors,
			map[string]any{"mediaType": l.mediaType, "digest": l.digest, "size": l.size})
	}
	config, err := json.Marshal(map[string]any{
		"architecture": "amd64", "os": "linux",
		"config": map[string]any{"Entrypoint": []string{"/wait"}, "Labels": map[string]string{"name": name}},
		"rootfs": map[string]any{"type": "layers", "diff_ids": diffIDs},
	})
	if err != nil {
		return err
	}
	if err := r.pushBlob(name, digest(config), bytes.NewReader(config), int64(len(config))); err != nil {
		return err
	}
	manifest, err := json.Marshal(map[string]any{
		"schemaVersion": 2, "mediaType": manifestType, "layers": descriptors,
		"config": map[string]any{"mediaType": "application/vnd.oci.image.config.v1+json",
			"digest": digest(config), "size": len(config)},
	})
	if err != nil {
		return err
	}
	_, err = send("PUT", r.url("bench/"+name+"/manifests/1"), manifestType, bytes.NewReader(manifest),
		int64(len(manifest)), http.StatusCreated)
	return err
}
