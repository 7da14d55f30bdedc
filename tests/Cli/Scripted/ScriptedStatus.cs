using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Queued.Protocol.V1;

namespace Queued.Cli.Tests.Scripted;

internal sealed class ScriptedStatus : DaemonService.DaemonServiceBase
{
    public const int PayloadBytesMax = 1000;

    public override Task<GetStatusResponse> GetStatus(GetStatusRequest request, ServerCallContext context) =>
        Task.FromResult(new GetStatusResponse
        {
            Version = "9.9.9",
            ProcessId = 42,
            StartedAt = Timestamp.FromDateTime(DateTime.UtcNow),
            Endpoints = { "unix:/run/x.sock" },
            Limits = { ["payload_bytes_max"] = PayloadBytesMax },
            Problems = { "The disk is \x1b[31mfull." },
        });
}
