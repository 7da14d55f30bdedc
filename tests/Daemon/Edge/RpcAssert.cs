using Google.Rpc;
using Grpc.Core;
using RpcStatus = Google.Rpc.Status;

namespace Queued.Daemon.Tests.Edge;

internal static class RpcAssert
{
    public static async Task<RpcStatus> FailsAsync(
        Func<Task> call, StatusCode code, string reason, string? field = null)
    {
        var exception = await Assert.ThrowsAsync<RpcException>(call);
        return Failed(exception, code, reason, field);
    }

    public static RpcStatus Failed(RpcException exception, StatusCode code, string reason, string? field = null)
    {
        var status = exception.GetRpcStatus();
        Assert.True(status is not null, $"{exception.Status} has no details.");
        Assert.Equal(code, exception.StatusCode);
        Refused(status, reason, field);
        return status;
    }

    public static void Refused(RpcStatus? status, string reason, string? field = null)
    {
        Assert.NotNull(status);
        var info = status.GetDetail<ErrorInfo>();
        Assert.NotNull(info);
        Assert.Equal(("queued", reason), (info.Domain, info.Reason));
        Assert.NotEmpty(status.Message);
        if (field is null) return;
        Assert.Equal(field, info.Metadata.GetValueOrDefault("field"));
        Assert.Equal(field, status.GetDetail<BadRequest>()?.FieldViolations[0].Field);
    }
}
