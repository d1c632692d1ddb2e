{{- define "nennep.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "nennep.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains (include "nennep.name" .) .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "nennep.name" .) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- /* What selects every pod of this release; with a component, those of one kind. */ -}}
{{- define "nennep.selector" -}}
app.kubernetes.io/name: {{ include "nennep.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end -}}

{{- define "nennep.labels" -}}
{{ include "nennep.selector" . }}
app.kubernetes.io/version: {{ .root.Values.image.tag | default .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: nennep
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{- /* "registry/repository:tag", or "…@sha256:…". */ -}}
{{- define "nennep.imageOf" -}}
{{- $name := .image.repository -}}
{{- with .image.registry -}}{{- $name = printf "%s/%s" . $name -}}{{- end -}}
{{- if .image.digest -}}{{ $name }}@{{ .image.digest }}{{- else -}}{{ $name }}:{{ .image.tag | default .tag }}{{- end -}}
{{- end -}}

{{- define "nennep.image" -}}
{{- include "nennep.imageOf" (dict "image" .Values.image "tag" .Chart.AppVersion) -}}
{{- end -}}

{{- /* The host that browsers ask for. */ -}}
{{- define "nennep.host" -}}
{{- .Values.ingress.host | default (regexReplaceAll "^https?://([^/:]+).*$" .Values.publicUrl "${1}") -}}
{{- end -}}

{{- define "nennep.workers" -}}
{{- range $kind, $worker := .Values.workers }}{{ if $worker.enabled }}{{ $kind }} {{ end }}{{ end -}}
{{- end -}}
