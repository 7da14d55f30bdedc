using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using Queued.Protocol.V1;

namespace Queued.FaultyWorker;

/// <summary>A worker's end of the protocol without an SDK, which can say what no SDK would.</summary>
internal sealed class RawWorker : IDisposable
{
    private readonly GrpcChannel _channel;
    private readonly AsyncDuplexStreamingCall<WorkRequest, WorkResponse> _call;

    /// <param name="socketPath">Path of the daemon's socket.</param>
    public RawWorker(string socketPath)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        _channel = GrpcChannel.ForAddress(
            "http://localhost", new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });
        _call = new WorkerService.WorkerServiceClient(_channel).Work();
    }

    /// <summary>Connects as the worker that it was started as, and ends when the daemon has answered.</summary>
    public static async Task<int> SayHelloAsync(uint protocolVersion)
    {
        using var worker = new RawWorker(Variable("QUEUED_SOCKET").Replace("unix:", "", StringComparison.Ordinal));
        await worker.SendAsync(new WorkRequest
        {
            Hello = new Hello
            {
                ProtocolVersion = protocolVersion,
                WorkerId = Variable("QUEUED_WORKER_ID"),
                WorkerToken = Variable("QUEUED_WORKER_TOKEN"),
            },
        });
        try
        {
            await worker.ReadAsync();
            return 0;
        }
        catch (RpcException exception)
        {
            await Console.Error.WriteLineAsync(exception.Status.Detail);
            return 3;
        }
    }

    public Task SendAsync(WorkRequest request) => _call.RequestStream.WriteAsync(request);

    /// <exception cref="RpcException">The daemon has ended the call.</exception>
    public async Task<WorkResponse> ReadAsync() => await _call.ResponseStream.MoveNext(CancellationToken.None)
        ? _call.ResponseStream.Current
        : throw new EndOfStreamException("The daemon has ended the stream.");

    public void Dispose()
    {
        _call.Dispose();
        _channel.Dispose();
    }

    private static string Variable(string name) => Environment.GetEnvironmentVariable(name) ?? "";
}
