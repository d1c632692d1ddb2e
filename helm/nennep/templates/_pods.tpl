{{- /* What every pod of this chart is: no rights, no token, no root. Services are not told by variables: one of them
       would be NENNEP_PORT. */ -}}
{{- define "nennep.pod" -}}
serviceAccountName: default
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: {{ .user | default 10001 }}
  runAsGroup: {{ .user | default 10001 }}
  fsGroup: {{ .user | default 10001 }}
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "nennep.container" -}}
securityContext:
  allowPrivilegeEscalation: false
  privileged: false
  readOnlyRootFilesystem: true
  runAsNonRoot: true
  capabilities: {drop: [ALL]}
{{- end -}}

{{- /* Where the pods of one kind go. */ -}}
{{- define "nennep.placement" -}}
{{- if .root.Values.topologySpread.enabled }}
topologySpreadConstraints:
  {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - topologyKey: {{ . }}
    maxSkew: 1
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "nennep.selector" $ | nindent 8 }}
    matchLabelKeys: [pod-template-hash]
  {{- end }}
{{- end }}
{{- with .at.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .at.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- /* Which secrets a process gets: all that are named; the owner's address and the backups' keys only where the work is. */ -}}
{{- define "nennep.secretNames" -}}
{{- $some := list "databaseUrl" "queueUrl" "objectsAccessKey" "objectsSecretKey" "secretKey" "pushPrivateKey" -}}
{{- if .owner -}}
{{- $some = concat $some (list "ownerDatabaseUrl" "backupKey" "backupObjectsAccessKey" "backupObjectsSecretKey") -}}
{{- end -}}
{{- range $some -}}{{- if (index $.root.Values.secrets .).name }}{{ . }} {{ end -}}{{- end -}}
{{- end -}}

{{- define "nennep.env" -}}
{{- range $name := splitList " " (include "nennep.secretNames" . | trim) }}
- {name: NENNEP_{{ $name | snakecase | upper }}_FILE, value: /run/secrets/nennep/{{ $name | kebabcase }}}
{{- end }}
{{- with .root.Values }}
- {name: NENNEP_OBJECTS_URL, value: {{ .objects.url | quote }}}
- {name: NENNEP_OBJECTS_BUCKET, value: {{ .objects.bucket | quote }}}
- {name: NENNEP_PUBLIC_URL, value: {{ .publicUrl | quote }}}
- {name: NENNEP_TRUSTED_PROXIES, value: {{ join "," .trustedProxies | quote }}}
- {name: NENNEP_HOST, value: 0.0.0.0}
- {name: NENNEP_PORT, value: "8000"}
- {name: NENNEP_METRICS_HOST, value: 0.0.0.0}
- {name: NENNEP_METRICS_PORT, value: "9100"}
{{- if eq $.component "web" }}
- {name: NENNEP_DATABASE_POOL, value: {{ .web.databasePool | quote }}}
{{- end }}
{{- if and .pgbouncer.enabled (not (hasKey .settings "database_statements")) }}
- {name: NENNEP_DATABASE_STATEMENTS, value: {{ .pgbouncer.maxPreparedStatements | quote }}}
{{- end }}
{{- with .tracesUrl }}
- {name: NENNEP_TRACES_URL, value: {{ . | quote }}}
{{- end }}
{{- range $name, $value := .settings }}
- {name: NENNEP_{{ upper $name }}, value: {{ kindIs "float64" $value | ternary (printf "%v" (int64 (default 0 $value))) (toString $value) | quote }}}
{{- end }}
{{- end }}
{{- end -}}

{{- define "nennep.mounts" -}}
- {name: tmp, mountPath: /tmp}
- {name: secrets, mountPath: /run/secrets/nennep, readOnly: true}
{{- end -}}

{{- define "nennep.volumes" -}}
- name: tmp
  emptyDir: {sizeLimit: {{ .tmpSize }}}
- name: secrets
  projected:
    defaultMode: 0440
    sources:
      {{- range $name := splitList " " (include "nennep.secretNames" . | trim) }}
      {{- $at := index $.root.Values.secrets $name }}
      - secret:
          name: {{ $at.name }}
          items: [{key: {{ $at.key | quote }}, path: {{ $name | kebabcase }}}]
      {{- end }}
{{- end -}}

{{- /* Probes at a port: start (live), ready, live. Liveness asks the loop only: a database that is away kills nobody. */ -}}
{{- define "nennep.probes" -}}
startupProbe:
  httpGet: {path: {{ .prefix }}/live, port: {{ .port }}}
  periodSeconds: 2
  timeoutSeconds: 2
  failureThreshold: 60
readinessProbe:
  httpGet: {path: {{ .prefix }}/ready, port: {{ .port }}}
  periodSeconds: 5
  timeoutSeconds: 5
  failureThreshold: 2
livenessProbe:
  httpGet: {path: {{ .prefix }}/live, port: {{ .port }}}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
{{- end -}}
