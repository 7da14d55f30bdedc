using System.Globalization;
using Grpc.Core;

namespace Queued.Daemon.Edge;

/// <summary>
/// A request that is no message of the contract fails before any interceptor sees the call, and would end UNKNOWN with
/// no details. Every other end has been given its details by then, so that is what tells it.
/// </summary>
internal static class UndecodableRequests
{
    /// <summary>
    /// Category of the framework's log. Of a request that cannot be decoded it tells twice with all of the stack, and
    /// of the rest nothing that <see cref="UnknownErrorInterceptor"/> does not.
    /// </summary>
    public const string LogCategory = "Grpc.AspNetCore.Server.ServerCallHandler";

    private const string StatusHeader = "grpc-status";
    private const string MessageHeader = "grpc-message";
    private const string DetailsHeader = "grpc-status-details-bin";

    private static readonly string Unknown = Text(StatusCode.Unknown);

    public static async Task RunAsync(HttpContext context, RequestDelegate next)
    {
        await next(context);
        var response = context.Response;
        if (response.HasStarted || response.Headers[StatusHeader] != Unknown ||
            response.Headers.ContainsKey(DetailsHeader))
        {
            return;
        }

        var error = RpcErrors.InvalidCall(
            "message", $"The request could not be read as a message of {context.Request.Path}. Compare its .proto.");
        response.Headers[StatusHeader] = Text(error.StatusCode);
        response.Headers[MessageHeader] = Uri.EscapeDataString(error.Status.Detail);
        response.Headers[DetailsHeader] = Convert.ToBase64String(error.Trailers.GetValueBytes(DetailsHeader)!);
    }

    private static string Text(StatusCode code) => ((int)code).ToString(CultureInfo.InvariantCulture);
}
