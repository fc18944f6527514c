package io.crij.runtime.cni.template;

/** The template is not one that is understood here. */
public final class TemplateException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TemplateException(String message) {
    super(message);
  }
}
