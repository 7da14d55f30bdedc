using System.Globalization;
using Grpc.Core;
using Queued.Broker;
using Queued.Daemon.Logs;
using Queued.Daemon.Loop;
using Wire = Queued.Protocol.V1;

namespace Queued.Daemon.Edge;

/// <summary>The stream of workers: hello and welcome, then reports one way and assignments the other.</summary>
internal sealed partial class WorkerGrpcService(
    BrokerGateway broker,
    WorkerRegistry workers,
    SessionRegistry sessions,
    IWorkerProcesses processes,
    TaskLogStore logs,
    BrokerLoopOptions options,
    OpenCalls calls,
    ILogger<WorkerGrpcService> logger) : Wire.WorkerService.WorkerServiceBase
{
    private const uint ProtocolVersion = 1;
    private const int SdkLengthMax = 128;

    private readonly ILogger<WorkerGrpcService> _logger = logger;

    public override async Task Work(
        IAsyncStreamReader<Wire.WorkRequest> requestStream,
        IServerStreamWriter<Wire.WorkResponse> responseStream,
        ServerCallContext context)
    {
        using var end = new CallEnd(context, calls);
        var first = await ReadFirstAsync(requestStream, end);
        var own = ReadIdentity(first.Hello);
        var connection = new WorkerConnection(end);
        // The owner of the segments that its results are in.
        await using var session = new SessionScope(broker, sessions, connection);
        await broker.TellAsync(
            new Command.OpenSession(session.Id, $"worker {first.Hello.ProcessId}"), end.Token);
        await ConnectAsync(connection, session.Id, own, first.Hello, end.Token);
        LogConnected(connection.Worker, own is null ? "external" : "spawned", first.Hello.Sdk, first.Hello.ProcessId);
        try
        {
            await ReportAsync(connection, own is not null, first, end.Token);
            await DuplexCall.RunAsync(
                requestStream,
                (request, cancellationToken) => TakeAsync(connection, own is not null, request, cancellationToken),
                connection.Outbox,
                responseStream,
                end);
        }
        finally
        {
            workers.Remove(connection);
            await broker.TellEndAsync(new Command.WorkerDisconnected(connection.Worker));
            LogDisconnected(connection.Worker);
        }
    }

    private static async Task<Wire.WorkRequest> ReadFirstAsync(
        IAsyncStreamReader<Wire.WorkRequest> requests, CallEnd end)
    {
        try
        {
            if (!await requests.MoveNext(end.Token) || requests.Current.Hello is null)
            {
                throw RpcErrors.InvalidCall("hello", "The first message has no hello. It says who the worker is.");
            }
        }
        catch (OperationCanceledException) when (end.Token.IsCancellationRequested)
        {
            throw end.Reason();
        }

        var hello = requests.Current.Hello;
        if (hello.ProtocolVersion != ProtocolVersion)
        {
            throw RpcErrors.ToException(new Rejection(
                RejectionReason.ProtocolUnsupported,
                $"The worker speaks protocol version {hello.ProtocolVersion}, this daemon speaks version " +
                $"{ProtocolVersion}. Use a worker SDK of the daemon's version.",
                "hello.protocol_version",
                ProtocolVersion.ToString(CultureInfo.InvariantCulture)));
        }

        if (hello.Sdk.Length > SdkLengthMax)
        {
            throw RpcErrors.InvalidCall(
                "hello.sdk", $"hello.sdk has {hello.Sdk.Length} characters, more than {SdkLengthMax}.");
        }

        return requests.Current;
    }

    /// <summary>Null: external. A worker of ours proves it with the token that only its process was given.</summary>
    private WorkerId? ReadIdentity(Wire.Hello hello)
    {
        if (hello.WorkerId.Length == 0 && hello.WorkerToken.Length == 0) return null;
        if (WorkerId.TryParse(hello.WorkerId, out var worker) && processes.IsTokenValid(worker, hello.WorkerToken))
        {
            return worker;
        }

        throw RpcErrors.Create(
            RpcErrors.UnauthenticatedWorker,
            $"The token is not that of worker '{hello.WorkerId}'. Pass on QUEUED_WORKER_ID and QUEUED_WORKER_TOKEN " +
            "as they are in the environment; leave both empty for an external worker.",
            "hello.worker_token");
    }

    private async Task ConnectAsync(
        WorkerConnection connection, SessionId session, WorkerId? own, Wire.Hello hello, CancellationToken end)
    {
        var ask = new WelcomeAsk(welcomed =>
        {
            // Here and not after the await: what the core says next to this worker must find it.
            connection.Welcome(welcomed, session, sessions.NameOf(session), options);
            workers.Add(connection);
            return connection;
        });
        await broker.PostAsync(
            request => new Command.ConnectWorker(request, own, ProtoMapping.ToHello(hello)), ask, end);
        try
        {
            await ask.Connection;
        }
        catch (RejectedException rejected)
        {
            throw RpcErrors.ToException(FieldPath.Under(FieldPath.Hello, rejected.Rejection));
        }
        catch (Exception exception) when (BrokerGateway.ToRpc(exception) is { } error)
        {
            throw error;
        }
    }

    private async Task TakeAsync(
        WorkerConnection connection, bool isOwn, Wire.WorkRequest request, CancellationToken cancellationToken)
    {
        if (request.Hello is not null)
        {
            throw RpcErrors.InvalidCall("hello", "hello comes once, in the first message.");
        }

        await ReportAsync(connection, isOwn, request, cancellationToken);
        await connection.Outbox.WaitForRoomAsync(cancellationToken);
    }

    /// <summary>Every message is a report, an empty one too: it tells that the worker lives.</summary>
    private async Task ReportAsync(
        WorkerConnection connection, bool isOwn, Wire.WorkRequest request, CancellationToken cancellationToken)
    {
        var check = new FieldCheck("");
        var report = ProtoMapping.ToReport(connection.Worker, request, ref check);
        check.ThrowIfBad();
        KeepLogs(connection.Worker, isOwn, request, report);
        await broker.TellAsync(report, cancellationToken);
        foreach (var segment in request.CloseSegmentIds)
        {
            await broker.TellAsync(
                new Command.CloseSegment(default, connection.Session, new SegmentId(segment)), cancellationToken);
        }
    }

    private void KeepLogs(WorkerId worker, bool isOwn, Wire.WorkRequest request, Command.WorkerReport report)
    {
        foreach (var log in request.Logs) logs.Log(worker, ProtoMapping.AttemptOf(log.TaskId, log.Attempt), log.Line);
        foreach (var (attempt, waiting) in report.Waits) logs.SetWaiting(worker, attempt, waiting);
        if (report.Settlements.Count == 0) return;

        // What the process wrote before it settled is the settled attempt's, and not the next one's.
        if (isOwn) processes.ReadPending(worker);
        logs.End(worker, report.Settlements);
    }

    [LoggerMessage(1, LogLevel.Information, "Worker {Worker} ({Kind}) connected: {Sdk}, process {ProcessId}.")]
    private partial void LogConnected(WorkerId worker, string kind, string sdk, uint processId);

    [LoggerMessage(2, LogLevel.Debug, "Worker {Worker} disconnected.")]
    private partial void LogDisconnected(WorkerId worker);

    private sealed class WelcomeAsk(Func<Response.Welcomed, WorkerConnection> connect) : Ask
    {
        private readonly TaskCompletionSource<WorkerConnection> _connection =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<WorkerConnection> Connection => _connection.Task;

        public override void Complete(Response response)
        {
            switch (response)
            {
                case Response.Welcomed welcomed:
                    _connection.TrySetResult(connect(welcomed));
                    break;
                case Response.Rejected rejected:
                    _connection.TrySetException(new RejectedException(rejected.Rejection));
                    break;
                default:
                    Fail(new InvalidOperationException($"The broker answered a hello with {response.GetType().Name}."));
                    break;
            }
        }

        public override void Fail(Exception exception) => _connection.TrySetException(exception);
    }
}
