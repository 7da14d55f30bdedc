using System.Net.Sockets;
using Grpc.Core;

namespace Queued.Worker.Connection;

/// <summary>
/// Calls of a daemon on this machine: streams go over a socket of their own each, as frames, and everything else, or
/// streams where there is no such socket, over HTTP/2.
/// </summary>
internal sealed class StreamInvoker(CallInvoker other, string socketPath, TimeSpan? pingDelay) : CallInvoker
{
    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) =>
        Connect() is { } socket
            ? StreamCall<TRequest, TResponse>.Open(socket, method, options, pingDelay)
            : other.AsyncDuplexStreamingCall(method, host, options);

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        other.AsyncUnaryCall(method, host, options, request);

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        other.BlockingUnaryCall(method, host, options, request);

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        other.AsyncServerStreamingCall(method, host, options, request);

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) =>
        other.AsyncClientStreamingCall(method, host, options);

    /// <returns>
    /// Null: nobody listens, or cannot take one more just now. Then HTTP/2 has its try, and tells what it is.
    /// </returns>
    private Socket? Connect()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
        {
            SendBufferSize = DaemonChannel.SocketBufferBytes,
            ReceiveBufferSize = DaemonChannel.SocketBufferBytes,
            // Where the daemon is stopped in its tracks and enough others wait, this must not wait as well.
            Blocking = false,
        };
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(socketPath));
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }
}
